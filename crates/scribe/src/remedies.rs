//! Things to take or use that are no medicines of the catalogue: teas, home remedies, oral rehydration, creams without a name.

use crate::scene::DrugMention;
use crate::text::TurnDoc;
use crate::text::numbers::number_at;

/// Words, name, route.
type Remedy = (&'static [&'static str], &'static str, &'static str);

/// What is bought or prescribed under its own words.
const SOLD: &[Remedy] = &[
    (&["vida", "suero", "oral"], "electrolitos orales", "oral"),
    (&["vida", "suero"], "electrolitos orales", "oral"),
    (&["suero", "oral"], "electrolitos orales", "oral"),
    (&["crema", "humectante"], "crema humectante", "tópica"),
    (&["crema", "hidratante"], "crema hidratante", "tópica"),
    (&["crema", "emoliente"], "crema emoliente", "tópica"),
    (&["crema", "mentolada"], "crema con mentol", "tópica"),
    (&["emoliente"], "crema emoliente", "tópica"),
    (&["sales", "de", "rehidratacion"], "electrolitos orales", "oral"),
    (&["humectante", "vaginal"], "humectante vaginal", "vaginal"),
    (&["probiotico"], "probiótico", "oral"),
    (&["probioticos"], "probiótico", "oral"),
    (&["suplemento", "alimenticio"], "suplemento alimenticio", "oral"),
    (&["crema", "sin", "perfume"], "crema emoliente", "tópica"),
    (&["crema", "con", "mentol"], "crema con mentol", "tópica"),
    (&["lagrimas", "artificiales"], "lágrimas artificiales", "oftálmica"),
    (&["lagrima", "artificial"], "lágrimas artificiales", "oftálmica"),
    (&["protector", "solar"], "protector solar", "tópica"),
    (&["bloqueador", "solar"], "protector solar", "tópica"),
    (&["solucion", "salina"], "solución salina", ""),
    (&["suero", "fisiologico"], "solución salina", ""),
    (&["solucion", "hartmann"], "solución Hartmann", "intravenosa"),
    (&["solucion", "harman"], "solución Hartmann", "intravenosa"),
    (&["ringer", "lactato"], "solución Hartmann", "intravenosa"),
    (&["solucion", "glucosada"], "solución glucosada", "intravenosa"),
    (&["shampoo"], "shampoo", "tópica"),
    (&["bloqueador"], "protector solar", "tópica"),
    (&["aceite", "de", "bebe"], "aceite de bebé", "tópica"),
    (&["aceite", "mineral"], "aceite mineral", "oral"),
    (&["biotina"], "biotina", "oral"),
    (&["agua", "de", "mar"], "agua de mar", "nasal"),
    (&["inhalador"], "inhalador", "inhalada"),
    (&["pastillas", "anticonceptivas"], "anticonceptivos orales", "oral"),
    (&["oxigeno"], "oxígeno", "inhalada"),
    (&["gel", "lubricante"], "gel lubricante", "vaginal"),
    (&["lubricante", "a", "base", "de", "agua"], "gel lubricante", "vaginal"),
    (&["vitaminas", "prenatales"], "vitaminas prenatales", "oral"),
    (&["vitaminas", "del", "embarazo"], "vitaminas prenatales", "oral"),
    (&["gotas", "de", "cannabis"], "cannabis", "oral"),
    (&["gotas", "de", "marihuana"], "cannabis", "oral"),
    (&["faboterapico"], "faboterápico antialacrán", "intravenosa"),
    (&["antialacran"], "faboterápico antialacrán", "intravenosa"),
    (&["lanolina"], "lanolina", "tópica"),
    (&["vaselina"], "vaselina", "tópica"),
    (&["jabon", "de", "azufre"], "jabón de azufre", "tópica"),
    (&["pomada", "de", "la", "campana"], "pomada de la campana", "tópica"),
    (&["pomada", "de", "arnica"], "pomada de árnica", "tópica"),
    (&["parches", "de", "arnica"], "parches de árnica", "tópica"),
    (&["isoflavonas"], "isoflavonas de soya", "oral"),
    (&["creatina"], "creatina", "oral"),
    (&["colageno"], "colágeno", "oral"),
    (&["glucosamina"], "glucosamina", "oral"),
    (&["vaporub"], "Vick VapoRub, ungüento mentolado", "tópica"),
    (&["vick"], "Vick VapoRub, ungüento mentolado", "tópica"),
    (&["enzimas", "pancreaticas"], "enzimas pancreáticas", "oral"),
    (&["peroxido", "de", "carbamida"], "peróxido de carbamida", "ótica"),
];

/// What is also a food, a plant or a thing of the house: a remedy only where the words say that it is taken or put on.
const OF_THE_HOUSE: &[Remedy] = &[
    (&["miel", "con", "limon"], "miel con limón", "oral"),
    (&["limon", "con", "bicarbonato"], "limón con bicarbonato", ""),
    (&["grasa", "de", "zorrillo"], "grasa de zorrillo", "tópica"),
    (&["aceite", "de", "oliva"], "aceite de oliva", ""),
    (&["aceite", "de", "coco"], "aceite de coco", "tópica"),
    (&["aceite", "de", "ricino"], "aceite de ricino", ""),
    (&["agua", "oxigenada"], "agua oxigenada", "tópica"),
    (&["clavo", "de", "olor"], "clavo de olor", "bucal"),
    (&["hojas", "de", "repollo"], "hojas de repollo", "tópica"),
    (&["penca", "de", "sabila"], "sábila", "tópica"),
    (&["sabila"], "sábila", "tópica"),
    (&["arnica"], "árnica", "tópica"),
    (&["manzanilla"], "té de manzanilla", ""),
    (&["ajo"], "ajo", ""),
    (&["ajos"], "ajo", ""),
    (&["ajito"], "ajo", ""),
    (&["miel"], "miel", "oral"),
    (&["alcohol"], "alcohol en la piel", "tópica"),
    (&["vinagre"], "vinagre", ""),
    (&["bicarbonato"], "bicarbonato", ""),
    (&["nopal"], "nopal", "oral"),
    (&["arandano"], "arándano", "oral"),
    (&["jengibre"], "jengibre", "oral"),
    (&["curcuma"], "cúrcuma", "oral"),
    (&["moringa"], "moringa", "oral"),
    (&["una", "de", "gato"], "uña de gato", "oral"),
    (&["cuachalalate"], "té de cuachalalate", "oral"),
    (&["gordolobo"], "té de gordolobo", "oral"),
    (&["bugambilia"], "té de bugambilia", "oral"),
    (&["estafiate"], "té de estafiate", "oral"),
    (&["valeriana"], "té de valeriana", "oral"),
    (&["proteina"], "suplemento de proteína", "oral"),
    (&["herbalife"], "suplemento Herbalife", "oral"),
    (&["omega"], "omega 3", "oral"),
    (&["violeta", "de", "genciana"], "violeta de genciana", "tópica"),
    (&["violeta"], "violeta de genciana", "tópica"),
    (&["cimicifuga"], "cimicífuga", "oral"),
    (&["pasiflora"], "pasiflora", "oral"),
    (&["boldo"], "té de boldo", "oral"),
    (&["tila"], "té de tila", "oral"),
    (&["ginkgo"], "ginkgo biloba", "oral"),
    (&["ginseng"], "ginseng", "oral"),
    (&["equinacea"], "equinácea", "oral"),
    (&["propoleo"], "propóleo", "oral"),
    (&["linaza"], "linaza", "oral"),
    (&["chia"], "chía", "oral"),
    (&["maca"], "maca", "oral"),
    (&["cardo", "mariano"], "cardo mariano", "oral"),
    (&["agua", "de", "rosas"], "agua de rosas", "tópica"),
    (&["ruda"], "té de ruda", "oral"),
    (&["peyote"], "pomada de peyote", "tópica"),
    (&["pasta", "de", "dientes"], "pasta de dientes", "tópica"),
    (&["talco"], "talco", "tópica"),
    (&["sosa"], "sosa", "tópica"),
    (&["petroleo"], "petróleo", "tópica"),
    (&["tomate"], "tomate", "tópica"),
    (&["papa", "rallada"], "papa rallada", "tópica"),
    (&["telarana"], "telaraña", "tópica"),
];

/// What is said right before a remedy of the house when somebody puts it on.
const APPLIES: &[&str] = &[
    "puse",
    "puso",
    "ponia",
    "pongo",
    "puesto",
    "unte",
    "unto",
    "untaba",
    "untado",
    "eche",
    "echo",
    "echaba",
    "echado",
    "echabamos",
    "frote",
    "froto",
    "sobe",
    "sobo",
    "lave",
    "lavo",
    "lavaba",
    "pomada",
    "gotas",
    "pone",
    "unta",
    "echa",
    "algodon",
];

/// What is said right before a remedy of the house when somebody takes it.
const TAKES: &[&str] = &[
    "tomo",
    "toma",
    "tomaba",
    "tome",
    "tomado",
    "tomando",
    "di",
    "dio",
    "damos",
    "dimos",
    "daba",
    "dan",
    "te",
    "tecito",
    "tes",
    "capsulas",
    "compre",
    "vendieron",
    "vendio",
    "hicimos",
    "uso",
    "use",
    "usaba",
    "jarabe",
    "hizo",
];

fn at_place(turn: &TurnDoc, at: usize, remedies: &'static [Remedy]) -> Option<&'static Remedy> {
    remedies.iter().find(|(words, ..)| words.iter().enumerate().all(|(k, word)| turn.word(at + k) == *word))
}

/// The remedies a turn names.
///
/// `asked`: the clinician has just asked what is taken or put on. `known`: what the patient's side said it takes or puts on,
/// of which the clinician speaks by its bare name.
pub(crate) fn remedies(turn: &TurnDoc, asked: bool, known: &[String]) -> Vec<DrugMention> {
    let mut out: Vec<DrugMention> = Vec::new();
    for at in 0..turn.tokens.len() {
        if out.last().is_some_and(|last| at < last.end) {
            continue;
        }
        // "saturación de oxígeno", "oxígeno noventa y ocho" are readings.
        let reading = turn.word(at) == "oxigeno"
            && (matches!(turn.word(at.wrapping_sub(2)), "saturacion" | "nivel")
                || number_at(&turn.tokens, at + 1).is_some()
                || matches!(turn.word(at + 1), "en" | "baja" | "bajo" | "esta" | "anda")
                    && (at + 2..at + 5).any(|k| number_at(&turn.tokens, k).is_some_and(|n| n.value > 40.0))
                || turn.word(at + 1) == "de" && turn.word(at + 2) == "menos");
        if reading {
            continue;
        }
        // "ketoconazol en shampoo": the form of a medicine.
        if matches!(turn.word(at), "shampoo" | "inhalador") && turn.word(at.wrapping_sub(1)) == "en" {
            continue;
        }
        if let Some((words, name, route)) = at_place(turn, at, SOLD) {
            out.push(mention(name, at, at + words.len(), route));
        } else if let Some(tea) = tea(turn, at) {
            out.push(tea);
        } else if let Some((words, name, route)) = at_place(turn, at, OF_THE_HOUSE)
            && (is_used(turn, at, *route == "tópica")
                || asked && listed(turn, at)
                || turn.is_doctor() && known.iter().any(|taken| taken == name))
        {
            out.push(mention(name, at, at + words.len(), route));
        }
    }
    out
}

/// "un té de manzanilla", "tecito de bugambilia con miel".
fn tea(turn: &TurnDoc, at: usize) -> Option<DrugMention> {
    let led = matches!(
        turn.word(at.wrapping_sub(1)),
        "" | "un"
            | "el"
            | "su"
            | "los"
            | "tomo"
            | "con"
            | "y"
            | "unos"
            | "toma"
            | "."
            | ","
            | "mi"
            | "puro"
            | "de"
            | "ese"
    );
    if !(matches!(turn.word(at), "te" | "tecito" | "tes" | "tecitos") && turn.word(at + 1) == "de" && led) {
        return None;
    }
    let herb = turn.word(at + 2);
    let extra =
        turn.word(at + 3) == "con" && matches!(turn.word(at + 4), "miel" | "limon" | "canela" | "jengibre");
    let end = if extra { at + 5 } else { at + 3 };
    let name =
        if extra { format!("té de {herb} con {}", turn.word(at + 4)) } else { format!("té de {herb}") };
    (!herb.is_empty() && turn.tokens.get(at + 2).is_some_and(|token| !token.is_punct()))
        .then(|| mention(&name, at, end, "oral"))
}

/// A thing of a list that answers what is taken: "Valeriana, y unas gotas de árnica", "y ajo, una cápsula".
fn listed(turn: &TurnDoc, at: usize) -> bool {
    let sentence = turn.sentence_of(at);
    let before = turn.word(at.wrapping_sub(1));
    turn.is_patient_side()
        && (at == sentence.start
            || matches!(
                before,
                "y" | "," | "de" | "con" | "unas" | "un" | "una" | "la" | "el" | ":" | "pura" | "puro"
            ))
        && !(sentence.start..at).any(|k| matches!(turn.word(k), "como" | "si" | "no" | "comi" | "ceno"))
}

/// Whether the words around a thing of the house say that somebody takes it or puts it on, or is told not to.
fn is_used(turn: &TurnDoc, at: usize, outside: bool) -> bool {
    let sentence = turn.sentence_of(at);
    let before = (at.saturating_sub(6).max(sentence.start)..at).map(|k| turn.word(k));
    let told = turn.is_doctor() && {
        let said = format!(" {} ", turn.joined(sentence.start, sentence.end));
        [
            " nada de ",
            " no , ",
            " mejor no ",
            " ya no",
            " yano ",
            " fuera ",
            " deje ",
            " deja ",
            " tampoco ",
            " quit",
            " no se ponga ",
            " no le ponga ",
            " igual",
            " sig",
        ]
        .iter()
        .any(|cue| said.contains(cue))
    };
    // A short answer that is nothing but the remedy: "Sábila.", "Ajo, doctora, y leche."
    let alone = turn.is_patient_side() && at == sentence.start && sentence.end - sentence.start <= 6;
    told || alone
        || before.into_iter().any(|word| APPLIES.contains(&word) || !outside && TAKES.contains(&word))
}

fn mention(name: &str, start: usize, end: usize, route: &'static str) -> DrugMention {
    DrugMention {
        name: name.to_owned(),
        start,
        end,
        routes: if route.is_empty() { Vec::new() } else { vec![route] },
        micrograms: false,
        insulin: false,
        units: false,
        ingredients: Vec::new(),
        class_only: false,
        ambiguous: false,
    }
}
