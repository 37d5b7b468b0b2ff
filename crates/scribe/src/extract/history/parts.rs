//! What was operated, removed or put in, named by the part of the body or the thing: "de la vesícula, de una hernia y de las
//! anginas", "me sacaron un riñón", "le pusieron un stent".

use super::*;
use crate::text::TurnDoc;

/// Parts of the body and what an operation of them is called.
const PARTS: &[(&[&str], &str)] = &[
    (&["anginas", "amigdalas"], "amigdalectomía"),
    (&["adenoides"], "adenoidectomía"),
    (&["apendice", "apendicitis"], "apendicectomía"),
    (&["vesicula"], "colecistectomía"),
    (&["matriz", "utero"], "histerectomía"),
    (&["hernia", "hernias"], "hernioplastia"),
    (&["prostata"], "cirugía de próstata"),
    (&["catarata", "cataratas"], "cirugía de cataratas"),
    (&["ojo", "ojos"], "cirugía de ojos"),
    (&["retina"], "cirugía de retina"),
    (&["tabique", "nariz"], "septoplastia (cirugía de nariz, tabique)"),
    (&["menisco", "meniscos"], "cirugía de rodilla (meniscos)"),
    (&["rodilla", "rodillas"], "cirugía de rodilla"),
    (&["ligamento", "ligamentos"], "cirugía de ligamento de rodilla"),
    (&["cadera", "caderas"], "cirugía de cadera"),
    (&["columna", "espalda", "hernia de disco"], "cirugía de columna"),
    (&["hombro"], "cirugía de hombro"),
    (&["tobillo"], "cirugía de tobillo"),
    (&["muneca"], "cirugía de muñeca"),
    (&["codo"], "cirugía de codo"),
    (&["femur"], "cirugía de fémur"),
    (&["clavicula"], "cirugía de clavícula"),
    (&["pierna"], "cirugía de pierna"),
    (&["brazo"], "cirugía de brazo"),
    (&["mano"], "cirugía de mano"),
    (&["pie", "pies"], "cirugía de pie"),
    (&["juanete", "juanetes"], "cirugía de juanetes"),
    (&["corazon"], "cirugía de corazón"),
    (&["valvula"], "reemplazo valvular"),
    (&["tiroides", "bocio"], "tiroidectomía"),
    (&["paratiroides"], "paratiroidectomía"),
    (&["seno", "senos", "pecho", "mama"], "cirugía de mama"),
    (&["ovario", "ovarios"], "cirugía de ovario"),
    (&["mioma", "miomas"], "miomectomía"),
    (&["trompas"], "oclusión tubaria"),
    (&["hemorroides", "almorranas"], "hemorroidectomía"),
    (&["fistula"], "fistulectomía"),
    (&["fisura"], "cirugía de fisura anal"),
    (&["varices"], "cirugía de várices"),
    (&["varicocele"], "cirugía de varicocele"),
    (&["testiculo", "testiculos"], "cirugía de testículo"),
    (&["hidrocele"], "hidrocelectomía"),
    (&["fimosis", "prepucio"], "circuncisión"),
    (&["rinon"], "nefrectomía"),
    (&["vejiga"], "cirugía de vejiga"),
    (&["estomago"], "cirugía de estómago"),
    (&["intestino", "intestinos"], "cirugía de intestino"),
    (&["colon"], "cirugía de colon"),
    (&["ombligo"], "cirugía de ombligo"),
    (&["pulmon"], "cirugía de pulmón"),
    (&["bazo"], "esplenectomía"),
    (&["higado"], "cirugía de hígado"),
    (&["pancreas"], "cirugía de páncreas"),
    (&["cabeza", "cerebro", "craneo"], "cirugía de cráneo"),
    (&["oido", "oidos", "timpano"], "cirugía de oído"),
    (&["paladar", "labio"], "cirugía de labio y paladar hendido"),
    (&["muela", "muelas"], "extracción de muela"),
    (&["lipoma", "lipomas"], "resección de lipoma"),
    (&["quiste", "quistes"], "resección de quiste"),
    (&["lunar", "lunares"], "resección de lunar"),
    (&["polipo", "polipos"], "polipectomía"),
    (&["ganglio", "ganglios"], "resección de ganglio"),
    (&["verruga", "verrugas"], "resección de verruga"),
    (&["tumor"], "resección de tumor"),
    (&["una"], "resección de uña"),
    (&["piedra", "piedras", "calculo", "calculos"], "cirugía de litiasis"),
];

/// Things that are put in and what that is called.
const DEVICES: &[(&[&str], &str)] = &[
    (&["stent", "stents", "resorte"], "colocación de stent"),
    (&["marcapasos", "marcapaso"], "marcapasos"),
    (&["desfibrilador"], "desfibrilador implantable"),
    (&["clavo", "clavos", "tornillo", "tornillos"], "cirugía de fractura (clavos o tornillos)"),
    (&["placa", "placas"], "cirugía de fractura (placa)"),
    (&["protesis"], "prótesis"),
    (&["cateter"], "colocación de catéter"),
    (&["tubitos", "tubos"], "colocación de tubos de ventilación"),
    (&["endoprotesis"], "colocación de endoprótesis"),
    (&["malla"], "plastia con malla"),
    (&["banda"], "banda gástrica"),
    (&["balon"], "balón gástrico"),
    (&["fistula"], "fístula arteriovenosa"),
    (&["valvula"], "colocación de válvula"),
    (&["lente"], "lente intraocular"),
    (&["injerto"], "injerto"),
    (&["colostomia", "bolsa"], "colostomía"),
    (&["gastrostomia", "sonda en el estomago"], "gastrostomía"),
];

fn named(table: &'static [(&'static [&'static str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, name)| *name)
}

fn small(word: &str) -> bool {
    matches!(
        word,
        "la" | "el"
            | "las"
            | "los"
            | "de"
            | "del"
            | "un"
            | "una"
            | "mi"
            | "su"
            | "y"
            | "e"
            | "unos"
            | "unas"
            | "otra"
            | "otro"
    )
}

/// An operation told by its part.
pub(super) struct Operated {
    name: String,
    start: usize,
    end: usize,
}

/// Operations told by their part: in a list that answers a question for operations, after "me operaron", "le quitaron".
pub(super) fn parts_in(scene: &Scene<'_>, idx: usize) -> Vec<Operated> {
    let turn = scene.turn(idx);
    let asked = scene.question_before(idx).is_some_and(|q| asks_with(scene, q, SURGERY_CUES));
    let mut out: Vec<Operated> = Vec::new();
    for at in 0..turn.tokens.len() {
        if out.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let (name, device) = match (named(PARTS, turn.word(at)), named(DEVICES, turn.word(at))) {
            (_, Some(device)) if put_in(turn, at) => (device, true),
            // "una" is a fingernail only beside a word for it.
            (Some(_), _) if turn.word(at) == "una" => continue,
            (Some(part), _) if led(turn, at) || asked && listed(turn, at) => (part, false),
            _ => continue,
        };
        let place = place(turn, at, device || name.starts_with("resección") || name == "hernioplastia");
        let (name, end) = match place {
            Some(k) => (format!("{name} de {}", scene.spoken(idx, k, k + 1).to_lowercase()), k + 1),
            None => (name.to_owned(), at + 1),
        };
        out.push(Operated { name, start: at, end });
    }
    out
}

/// Adds the operations told by their part.
pub(super) fn operated_parts(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let known = super::operations::surgeries_in(scene, idx);
    for Operated { name, start, end } in parts_in(scene, idx) {
        if known.iter().any(|hit| hit.start < end && start < hit.end)
            || turn.sentence_of(start).question
            || said(turn, start, end) == Said::No
            || scene.household.who(turn, start, end, false) != Who::Patient
            || super::birth::tells_of_birth(scene, idx)
        {
            continue;
        }
        book.add(fact(scene, idx, Hit { entry: 0, start, end }, &name, Section::Surgical, Said::Yes));
    }
}

/// Whether a range is told as operated.
pub(super) fn is_operated(scene: &Scene<'_>, idx: usize, hit: Hit) -> bool {
    parts_in(scene, idx).iter().any(|part| part.start < hit.end && hit.start < part.end)
}

/// "prótesis de la cadera", "un clavo en el fémur", "un quiste del ovario": where it was.
fn place(turn: &TurnDoc, at: usize, told: bool) -> Option<usize> {
    (told && matches!(turn.word(at + 1), "de" | "del" | "en"))
        .then(|| (at + 2..at + 5).find(|&k| !small(turn.word(k))))
        .flatten()
        .filter(|&k| named(PARTS, turn.word(k)).is_some() && turn.word(k) != "disco")
}

/// "me operaron de", "le quitaron el", "me sacaron la", "operado de": a verb of operating leads to the part.
fn led(turn: &TurnDoc, at: usize) -> bool {
    let first = turn.sentence_of(at).start;
    let mut k = at;
    let mut steps = 0;
    while k > first && steps < 9 {
        k -= 1;
        steps += 1;
        let word = turn.word(k);
        if ["operaron", "operado", "operada", "opere", "operar", "extirpa", "intervin"]
            .iter()
            .any(|verb| word.starts_with(verb))
        {
            return !matches!(turn.word(k.wrapping_sub(1)), "van" | "quieren" | "iban" | "voy" | "va");
        }
        if matches!(word, "quitaron" | "sacaron" | "cortaron" | "removieron") {
            return k + 4 >= at;
        }
        let goes_on = small(word)
            || word == ","
            || named(PARTS, word).is_some()
            || matches!(
                word,
                "izquierda"
                    | "izquierdo"
                    | "derecha"
                    | "derecho"
                    | "nino"
                    | "nina"
                    | "chico"
                    | "chica"
                    | "tambien"
            )
            || crate::text::numbers::number_at(&turn.tokens, k).is_some()
            || matches!(word, "anos" | "ano" | "hace" | "como" | "a" | "los");
        if !goes_on {
            return false;
        }
    }
    false
}

/// An item of a list: it begins the turn, a sentence or a clause, with small words only before it.
fn listed(turn: &TurnDoc, at: usize) -> bool {
    let mut k = at;
    while k > 0 && small(turn.word(k - 1)) {
        k -= 1;
    }
    let before = k.checked_sub(1).map_or("", |before| turn.word(before));
    let opens = matches!(
        before,
        "" | "," | "." | ";" | ":" | "..." | "sí" | "nomas" | "solo" | "bueno" | "pues" | "tambien" | "¿"
    );
    let joins = (k..at).any(|j| matches!(turn.word(j), "y" | "e"));
    (opens || joins) && !matches!(turn.word(at + 1), "me" | "duele" | "no")
}

/// "me pusieron un", "le colocaron una", "trae un", "tengo un": a thing put in.
fn put_in(turn: &TurnDoc, at: usize) -> bool {
    let first = turn.sentence_of(at).start;
    (first..at).rev().take(8).any(|k| {
        ["pusieron", "colocaron", "implantaron", "metieron", "puso"].contains(&turn.word(k))
            || k + 3 >= at
                && matches!(turn.word(k), "trae" | "traigo" | "tengo" | "tiene")
                && matches!(
                    turn.word(at),
                    "marcapasos" | "stent" | "stents" | "protesis" | "desfibrilador" | "fistula"
                )
    })
}
