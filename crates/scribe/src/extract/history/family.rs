//! What runs in the family where it is not told by the name of a disease: "mi papá del corazón", "mi mamá, de ovario" (asked
//! for cancer), "mi abuela murió de eso", "sí, mi papá y mi hermana".

use super::*;
use crate::context::person::kinship;
use crate::text::TurnDoc;

/// Reads the family's illnesses from a turn of the patient's side.
pub(super) fn told_of_relatives(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    let names_kin = turn.tokens.iter().any(|token| kinship(&token.norm).is_some());
    if !scene.family[idx] && !names_kin {
        return;
    }
    let cancer = about_cancer(scene, idx);
    for topic in everyday_in(scene, idx, 0, turn.tokens.len()) {
        if cancer && CANCERS.iter().any(|(sites, _)| sites.contains(&turn.word(topic.start))) {
            continue;
        }
        add(scene, idx, topic.hit(), &topic.name, book);
    }
    if scene.family[idx] {
        for topic in only_indexed(scene, idx).filter(|topic| !is_symptom_here(scene, idx, topic.hit())) {
            add(scene, idx, topic.hit(), &topic.name, book);
        }
    }
    cancers_by_site(scene, idx, book);
    same_as_asked(scene, idx, book);
    echoed(scene, idx, book);
}

/// "¿Piedras en el riñón?" - "Piedras mi tía.": the first word of what was asked, and a relative beside it.
fn echoed(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(question) = scene.question_before(idx) else { return };
    let (turn, asked) = (scene.turn(idx), scene.turn(question));
    for topic in asked_topics(scene, question) {
        let word = asked.word(topic.start);
        let Some(at) = (0..turn.tokens.len()).find(|&at| turn.word(at) == word) else { continue };
        let named = scene.diseases[idx].iter().any(|hit| hit.start <= at && at < hit.end);
        let kin_at = if matches!(turn.word(at + 1), "mi" | "su") { at + 2 } else { continue };
        let Some(kin) = kinship(turn.word(kin_at)).filter(|_| !named && word.len() > 3) else { continue };
        if let Who::Relative(_) = scene.household.who(turn, kin_at + 1, kin_at + 1, true) {
            let hit = Hit { entry: 0, start: at, end: kin_at + 1 };
            let mut fact = fact(scene, idx, hit, &topic.name, Section::Family, Said::Yes);
            fact.experiencer = Experiencer::Relative(kin.to_owned());
            fact.cite(scene.doc.evidence(question, topic.start, topic.end));
            book.add(fact);
        }
    }
}

/// A relative's illness, unless it is denied or somebody else's.
fn add(scene: &Scene<'_>, idx: usize, hit: Hit, name: &str, book: &mut Book) {
    let turn = scene.turn(idx);
    if turn.sentence_of(hit.start).question || said(turn, hit.start, hit.end) == Said::No {
        return;
    }
    if let Who::Relative(kin) = scene.household.who(turn, hit.start, hit.end, scene.family[idx]) {
        let mut fact = fact(scene, idx, hit, name, Section::Family, Said::Yes);
        fact.experiencer = Experiencer::Relative(known_kin(scene, idx, kin));
        if let Some(question) = scene.question_before(idx).filter(|_| scene.family[idx]) {
            fact.cite(scene.doc.whole(question));
        }
        with_joined_kin(scene, idx, hit, fact, book);
    }
}

/// Adds a relative's illness, for every relative it is told of together.
pub(super) fn with_joined_kin(scene: &Scene<'_>, idx: usize, hit: Hit, fact: ClinicalFact, book: &mut Book) {
    for kin in scene.household.joined_kin(scene.turn(idx), hit.start) {
        book.add(ClinicalFact { experiencer: Experiencer::Relative(kin), ..fact.clone() });
    }
    book.add(fact);
}

/// "Petra era mi mamá." - "¿De qué falleció?" - "De un infarto.": an answer that does not repeat whose it is.
pub(super) fn known_kin(scene: &Scene<'_>, idx: usize, kin: String) -> String {
    if kin != "familiar" {
        return kin;
    }
    let before = (idx.saturating_sub(3)..idx).rev().find_map(|at| relative_named(scene.turn(at)));
    before.map_or(kin, str::to_owned)
}

/// Where a cancer can be, as it is said in an answer about cancer, and the name of that cancer.
const CANCERS: &[(&[&str], &str)] = &[
    (&["mama", "seno", "senos", "pecho"], "cáncer de mama"),
    (&["matriz", "utero"], "cáncer de matriz"),
    (&["cervix"], "cáncer cervicouterino"),
    (&["ovario", "ovarios"], "cáncer de ovario"),
    (&["prostata"], "cáncer de próstata"),
    (&["pulmon", "pulmones"], "cáncer de pulmón"),
    (&["estomago"], "cáncer de estómago"),
    (&["colon", "intestino", "intestinos", "recto"], "cáncer de colon"),
    (&["higado"], "cáncer de hígado"),
    (&["pancreas"], "cáncer de páncreas"),
    (&["rinon"], "cáncer de riñón"),
    (&["vejiga"], "cáncer de vejiga"),
    (&["tiroides"], "cáncer de tiroides"),
    (&["garganta", "laringe"], "cáncer de laringe"),
    (&["piel"], "cáncer de piel"),
    (&["cerebro", "cabeza"], "tumor cerebral"),
    (&["hueso", "huesos"], "cáncer de hueso"),
    (&["sangre"], "leucemia"),
    (&["testiculo"], "cáncer de testículo"),
];

/// Whether a turn, or the question it answers, speaks of cancer.
fn about_cancer(scene: &Scene<'_>, idx: usize) -> bool {
    let speaks = |turn: &TurnDoc| turn.tokens.iter().any(|token| token.norm.starts_with("cancer"));
    speaks(scene.turn(idx)) || scene.question_before(idx).is_some_and(|question| speaks(scene.turn(question)))
}

/// "¿Cáncer en la familia?" - "Mi mamá, de seno. Y mi abuela materna, ovario."
fn cancers_by_site(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let turn = scene.turn(idx);
    if !about_cancer(scene, idx) {
        return;
    }
    for at in 0..turn.tokens.len() {
        let Some((_, name)) = CANCERS.iter().find(|(sites, _)| sites.contains(&turn.word(at))) else {
            continue;
        };
        let lead = turn.word(at.wrapping_sub(1));
        let led = matches!(lead, "de" | "del" | "," | "en" | "el")
            || lead == "la" && turn.word(at.wrapping_sub(2)) == "de";
        let kin_itself = turn.word(at) == "mama" && matches!(lead, "mi" | "su" | "la" | "tu");
        let named =
            scene.diseases[idx].iter().any(|hit| hit.start <= at && at < hit.end && hit.end - hit.start > 1);
        let operated = turn.joined(at.saturating_sub(4), at).contains("oper");
        if led && !kin_itself && !named && !operated {
            add(scene, idx, Hit { entry: 0, start: at, end: at + 1 }, name, book);
        }
    }
}

fn names_site(turn: &TurnDoc, sentence: crate::text::Sentence) -> bool {
    (sentence.start..sentence.end).any(|at| {
        CANCERS.iter().any(|(sites, _)| sites.contains(&turn.word(at)))
            && matches!(turn.word(at.wrapping_sub(1)), "de" | "del" | ",")
    })
}

/// Words that point back to the illness that was asked for.
const SAME: &[&str] = &[" de eso", " de lo mismo", " lo mismo", " igual", " tambien", " de ahi"];

/// "¿Ha tenido tuberculosis?" - "No. Mi abuela se murió de eso.", "sí, mi papá y mi hermana".
fn same_as_asked(scene: &Scene<'_>, idx: usize, book: &mut Book) {
    let Some(question) = scene.question_before(idx) else { return };
    let topics = asked_topics(scene, question);
    let [topic] = topics.as_slice() else { return };
    if is_passing(&topic.name) {
        return;
    }
    let turn = scene.turn(idx);
    let family = scene.family[question];
    for sentence in &turn.sentences {
        let said_here = format!(" {}", turn.joined(sentence.start, sentence.end));
        let points = SAME.iter().any(|cue| said_here.contains(cue));
        let another =
            scene.diseases[idx].iter().any(|hit| hit.start >= sentence.start && hit.end <= sentence.end)
                || !everyday_in(scene, idx, sentence.start, sentence.end).is_empty()
                || topic.name.starts_with("cáncer") && names_site(turn, *sentence);
        let denied = (sentence.start..sentence.end)
            .any(|at| matches!(turn.word(at), "no" | "nadie" | "ni" | "tampoco"));
        if sentence.question || another || denied || !(points || family) {
            continue;
        }
        for at in sentence.start..sentence.end {
            let possessed = matches!(
                turn.word(at.wrapping_sub(1)),
                "mi" | "su" | "el" | "la" | "mis" | "un" | "una" | "sus" | "tu"
            );
            let heads = points || at < sentence.start + 6;
            let (true, Some(_)) = (possessed && heads, kinship(turn.word(at))) else { continue };
            let hit = Hit { entry: 0, start: at, end: at + 1 };
            if let Who::Relative(kin) = scene.household.who(turn, at + 1, at + 1, true) {
                let mut fact = fact(scene, idx, hit, &topic.name, Section::Family, Said::Yes);
                fact.experiencer = Experiencer::Relative(kin);
                fact.cite(scene.doc.evidence(question, topic.start, topic.end));
                fact.confidence = 0.8;
                book.add(fact);
            }
        }
    }
}
