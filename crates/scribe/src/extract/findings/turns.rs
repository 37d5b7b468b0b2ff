//! Which turns and sentences of the clinician read an examination aloud, and which tell of something else.

use super::*;

/// Whether the turn tells the patient what they have or what to take: few signs beside a disease or a medicine.
pub(super) fn assesses(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    let signs = scene.lex.organs.matcher.find(&turn.tokens).len()
        + scene.lex.findings.matcher.find(&turn.tokens).len();
    let words = format!(" {} ", turn.joined(0, turn.tokens.len()));
    let tells = [
        " es una ",
        " es un ",
        " es ",
        " son ",
        " se llama ",
        " entonces ",
        " primero ",
        " primera ",
        " segundo ",
        " problema ",
        " tiene ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let measures = ["presion", "pulso", "temperatura", "saturacion", "peso", "reviso", "exploro"]
        .iter()
        .any(|cue| words.contains(cue));
    let disease = tells && !(scene.diseases[idx].is_empty() && scene.indexed[idx].is_empty());
    let medicine = scene.drugs[idx].iter().any(|drug| !drug.class_only && !drug.ambiguous);
    signs < 6 && !measures && (disease && signs < 4 || medicine)
}

/// Whether a turn can only be read from an examination, though nothing announced one: three signs, or two with what was
/// measured.
pub(super) fn full_of_signs(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    let told: Vec<Sentence> = turn
        .sentences
        .iter()
        .enumerate()
        .filter(|(number, sentence)| !asks(turn, *number) && !is_about_past_or_plan(turn, **sentence))
        .map(|(_, sentence)| *sentence)
        .collect();
    let within =
        |hit: &Hit| told.iter().any(|sentence| hit.start >= sentence.start && hit.end <= sentence.end);
    let signs = scene.lex.findings.matcher.find(&turn.tokens).iter().filter(|hit| within(hit)).count();
    let organs = scene.lex.organs.matcher.find(&turn.tokens).iter().filter(|hit| within(hit)).count();
    signs >= 3 || signs >= 2 && organs >= 2
}

/// Whether the turn reads signs, and does not only mention one: what is measured or two things that are examined.
pub(super) fn examines(scene: &Scene<'_>, idx: usize) -> bool {
    let turn = scene.turn(idx);
    let named = scene.lex.organs.matcher.find(&turn.tokens).len()
        + scene.lex.findings.matcher.find(&turn.tokens).len();
    let said = turn.joined(0, turn.tokens.len());
    let looks = [
        "presion",
        "pulso",
        "temperatura",
        "frecuencia",
        "veo",
        "palpo",
        "escucho",
        "oigo",
        "a ver",
        "reviso",
    ];
    named >= 2 || named >= 1 && looks.iter().any(|cue| said.contains(cue))
}

/// "La placa de ayer", "el ultrasonido decía": what follows was seen on a study and not on the patient.
pub(super) fn reads_report(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> bool {
    const AT_THE_BEDSIDE: [&str; 5] =
        ["fondo de ojo", "agudeza visual", "monofilamento", "presión intraocular", "cultivo"];
    scene.studies[idx].iter().filter(|hit| hit.start >= sentence.start && hit.end <= sentence.end).any(
        |hit| {
            let study = &scene.lex.studies.entries[hit.entry];
            matches!(study.info.as_str(), "image" | "test") && !AT_THE_BEDSIDE.contains(&study.name.as_str())
        },
    )
}

/// "Ahora la reviso", "presión...": the report is over.
pub(super) fn looks_again(turn: &TurnDoc, sentence: Sentence) -> bool {
    let said = turn.joined(sentence.start, sentence.end);
    [
        "presion",
        "pulso",
        "temperatura",
        "frecuencia",
        "reviso",
        "a ver",
        "exploro",
        "exploracion",
        "palpo",
        "acueste",
    ]
    .iter()
    .any(|cue| said.contains(cue))
}

/// What was, what is to be done, what may be: no sign.
pub(super) fn is_about_past_or_plan(turn: &TurnDoc, sentence: Sentence) -> bool {
    let words = format!(" {} ", turn.joined(sentence.start, sentence.end));
    let conditional = words.contains(" si ")
        && [
            " me ",
            " venga",
            " urgencias",
            " hospital",
            " corra",
            " vaya",
            " vengase",
            " regres",
            " avis",
            " hable",
            " llame",
            " traig",
        ]
        .iter()
        .any(|cue| words.contains(cue));
    let plan = [
        " le voy a ",
        " te voy a ",
        " le pido",
        " cada ",
        " nos vemos",
        " tome ",
        " evite",
        " le doy",
        " para el ",
        " para la ",
        " para que ",
        " porque ",
        " significa",
        " quiere decir",
        " sirve",
        " puede dar",
        " viene de",
        " vienen de",
        " puede ser ",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let assesses = [
        " yo creo",
        " por lo que me cuenta",
        " esto es ",
        " es una ",
        " es un ",
        " parece",
        " lo que tiene",
        " probablemente",
        " alomejor",
        " impresion",
        " diagnostico",
        " sospecho",
        " le explico",
        " te explico",
        " es mas por ",
        " es por ",
        " esto se llama",
        " confirmar",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    let warns = words.starts_with(" si ")
        || words.starts_with(" y si ")
        || words.contains(", si le ")
        || words.contains(" , si se ");
    let study = [
        "nitritos",
        "leucocitos",
        "cetonas",
        "radiografia",
        "ultrasonido",
        "tomografia",
        "resonancia",
        "la placa",
        "analisis",
        "laboratorio",
        "biopsia",
    ]
    .iter()
    .any(|cue| words.contains(cue));
    conditional || plan || study || assesses || warns
}

/// What is said of a medicine is no sign.
pub(super) fn names_medicine(scene: &Scene<'_>, idx: usize, sentence: Sentence) -> bool {
    scene.drugs[idx].iter().any(|drug| {
        !drug.class_only && !drug.ambiguous && drug.start >= sentence.start && drug.end <= sentence.end
    })
}
