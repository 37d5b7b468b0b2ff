//! What a finding is called: the sign with its site, side and modifiers, or what was examined as it was said.

use super::*;

/// "secreción blanca grumosa", "hipertrofia de cornetes grado dos": what is said of the sign right after it.
pub(super) fn with_modifiers(scene: &Scene<'_>, idx: usize, name: String, from: usize, to: usize) -> String {
    let turn = scene.turn(idx);
    let new = (from..to).any(|at| turn.word(at).len() > 3 && !name.contains(turn.word(at)));
    if to <= from || !new {
        return name;
    }
    let spoken = scene.spoken(idx, from, to).to_lowercase();
    match name.split_once(" en ") {
        Some((sign, place)) => format!("{sign} {spoken} en {place}"),
        None => format!("{name} {spoken}"),
    }
}

/// "El oído izquierdo está normal" says nothing of the other one.
pub(super) fn of_side(name: &str, side: &str) -> String {
    if side.is_empty() {
        return name.to_owned();
    }
    match name.strip_suffix("s normales") {
        Some(organ) if !organ.contains(' ') => format!("{organ}{side} normal"),
        _ => {
            format!("{name} del lado{}", side.replace("derecha", "derecho").replace("izquierda", "izquierdo"))
        }
    }
}

/// "soplo" needs no site; "edema", "dolor a la palpación", "secreción" take the one named beside them.
pub(super) fn with_site(scene: &Scene<'_>, turn: &TurnDoc, name: &str, hit: Hit, sites: &[Hit]) -> String {
    if name == "adenopatías" {
        return nodes(scene, hit, sites).to_owned();
    }
    if name == "placa" {
        return patches(scene, turn, hit);
    }
    if name == "limitación del movimiento" {
        return limited(scene, turn, hit, sites);
    }
    let takes_site = matches!(
        name,
        "edema"
            | "dolor a la palpación"
            | "eritema"
            | "equimosis"
            | "crepitación"
            | "derrame articular"
            | "deformidad"
            | "limitación del movimiento"
            | "heridas"
            | "úlceras"
            | "nódulos"
            | "secreción"
            | "calor local"
            | "costras"
            | "vesículas"
            | "exantema"
            | "lesiones en piel"
            | "callosidades"
            | "descamación"
            | "sinovitis"
            | "contractura muscular"
            | "sensibilidad disminuida"
            | "palidez"
            | "temblor"
    );
    if !takes_site {
        return name.to_owned();
    }
    let near = sites
        .iter()
        .filter(|site| {
            site.start >= hit.end && site.start - hit.end <= 6
                || site.end <= hit.start && hit.start - site.end <= 6
        })
        .min_by_key(
            |site| if site.start >= hit.end { site.start - hit.end } else { hit.start - site.end + 1 },
        );
    match near {
        Some(site) => {
            let place = &scene.lex.sites.entries[site.entry].name;
            let side = side(turn, site.start, site.end);
            let link =
                if matches!(name, "edema" | "equimosis" | "eritema" | "temblor" | "deformidad" | "palidez") {
                    "de"
                } else {
                    "en"
                };
            format!("{name} {link} {place}{side}")
        }
        None => name.to_owned(),
    }
}

/// Lymph nodes by where they are felt.
fn nodes(scene: &Scene<'_>, hit: Hit, sites: &[Hit]) -> &'static str {
    let behind = sites.iter().find(|site| site.start >= hit.end && site.start - hit.end <= 4);
    let before = || sites.iter().rev().find(|site| site.end <= hit.start && hit.start - site.end <= 4);
    let near = behind.or_else(before);
    match near.map(|site| scene.lex.sites.entries[site.entry].name.as_str()) {
        Some("cuello" | "mandíbula") => "adenopatías cervicales",
        Some("axila") => "adenopatías axilares",
        Some("ingle") => "adenopatías inguinales",
        _ => "adenopatías",
    }
}

/// "Garganta sin placas" is exudate; elsewhere patches are told with their colour.
fn patches(scene: &Scene<'_>, turn: &TurnDoc, hit: Hit) -> String {
    let sentence = turn.sentence_of(hit.start);
    let throat = scene.lex.organs.matcher.find(&turn.tokens).into_iter().any(|organ| {
        let named = scene.lex.organs.entries[organ.entry].name.as_str();
        organ.start >= sentence.start && organ.end <= sentence.end && matches!(named, "faringe" | "amígdalas")
    });
    if throat { "exudado faríngeo".to_owned() } else { "placas".to_owned() }
}

/// Movements an examiner names, as they are folded and as they are written.
const MOVEMENTS: &[(&str, &str)] = &[
    ("flexion", "flexión"),
    ("extension", "extensión"),
    ("rotacion", "rotación"),
    ("abduccion", "abducción"),
    ("elevacion", "elevación"),
    ("apertura", "apertura"),
    ("supinacion", "supinación"),
    ("pronacion", "pronación"),
];

/// "La flexión está limitada por dolor": the movement that is limited.
fn limited(scene: &Scene<'_>, turn: &TurnDoc, hit: Hit, sites: &[Hit]) -> String {
    let movement = (hit.start.saturating_sub(4)..hit.start)
        .rev()
        .find_map(|at| MOVEMENTS.iter().find(|(word, _)| *word == turn.word(at)));
    let near = |site: &&Hit| {
        site.end <= hit.start && hit.start - site.end <= 6
            || site.start >= hit.end && site.start - hit.end <= 3
    };
    let place = sites.iter().filter(near).max_by_key(|site| site.end).map_or_else(String::new, |site| {
        format!(" de {}{}", scene.lex.sites.entries[site.entry].name, side(turn, site.start, site.end))
    });
    match movement {
        Some((_, movement)) => format!("limitación de la {movement}{place}"),
        None => format!("limitación del movimiento{place}"),
    }
}

/// " derecho", " izquierda" beside a site.
pub(super) fn side(turn: &TurnDoc, start: usize, end: usize) -> &'static str {
    for at in start.saturating_sub(2)..(end + 3).min(turn.tokens.len()) {
        match turn.word(at) {
            "derecho" => return " derecho",
            "derecha" => return " derecha",
            "izquierdo" => return " izquierdo",
            "izquierda" => return " izquierda",
            _ => {}
        }
    }
    ""
}

/// Words of a normal finding that carry nothing.
fn is_empty(word: &str) -> bool {
    matches!(
        word,
        "el" | "la"
            | "los"
            | "las"
            | "su"
            | "sus"
            | "tu"
            | "tus"
            | "esta"
            | "estan"
            | "se"
            | "ve"
            | "ven"
            | "muy"
            | "dos"
            | "los dos"
            | "me"
            | "le"
            | "ya"
            | "ahorita"
            | "todo"
            | "tiene"
            | "tienes"
            | "trae"
            | "palpa"
            | "palpan"
            | "siente"
            | "sienten"
            | "no"
            | "y"
    )
}

/// What was examined with what is said of it, in the examiner's words: "Los pulmones, bien ventilados" is "pulmones bien
/// ventilados", "los oídos bien" is "oídos normales". `None` when the words name nothing that was examined.
pub(super) fn normal_name(scene: &Scene<'_>, idx: usize, start: usize, end: usize) -> Option<String> {
    let turn = scene.turn(idx);
    let mut words: Vec<String> = (start..end)
        .filter(|&at| !turn.tokens[at].dead && !turn.tokens[at].is_punct() && !is_empty(turn.word(at)))
        .map(|at| scene.spoken(idx, at, at + 1).to_lowercase())
        .collect();
    let last = words.pop()?;
    let head = words.first()?;
    let plural = head.ends_with('s') && !head.ends_with("is");
    words.push(match last.as_str() {
        "sí" => if plural { "presentes" } else { "presente" }.to_owned(),
        "bien" | "normal" | "normales" => if plural { "normales" } else { "normal" }.to_owned(),
        _ => last,
    });
    (words.len() >= 2).then(|| words.join(" "))
}
