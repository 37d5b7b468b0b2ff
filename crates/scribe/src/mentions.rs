//! Symptoms as they are mentioned: by name, as a sensation with its body site, or completed by what is being talked about.

use crate::lexicon::Lexicons;
use crate::lexicon::pattern::Hit;
use crate::text::{Doc, TurnDoc};

/// A symptom named in a turn.
#[derive(Debug, Clone)]
pub struct SymptomMention {
    /// Clinical name.
    pub name: String,
    /// First token.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// The earlier turn that named its body site or function, when this one does not.
    pub about: Option<usize>,
}

/// How many turns back the topic of a conversation reaches.
const REACH: usize = 4;

/// The symptoms of every turn.
#[must_use]
pub fn symptoms(lex: &Lexicons, doc: &Doc, diseases: &[Vec<Hit>]) -> Vec<Vec<SymptomMention>> {
    let mut topic = Topic::default();
    doc.turns
        .iter()
        .enumerate()
        .map(|(idx, turn)| {
            let reach = if topic.asked && !turn.is_doctor() { 1 } else { REACH };
            topic.forget_before(idx.saturating_sub(reach), idx.saturating_sub(REACH));
            let mut found = in_turn(lex, turn, &diseases[idx], &mut topic, idx);
            found.sort_by_key(|mention| mention.start);
            found
        })
        .collect()
}

/// What is being talked about: the last painful site and the last body function.
#[derive(Debug, Default)]
struct Topic {
    site: Option<(usize, usize)>,
    /// The clinician named it: it holds for the answer only.
    asked: bool,
    function: Option<(Function, usize)>,
}

impl Topic {
    fn forget_before(&mut self, site: usize, function: usize) {
        self.site = self.site.filter(|(_, at)| *at >= site);
        self.function = self.function.filter(|(_, at)| *at >= function);
    }
}

/// A body function whose fluids are asked about without naming it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Stool,
    Urine,
    Vomit,
    Cough,
    Nose,
    Ear,
    Eye,
    Vagina,
    Wound,
}

fn function_of(turn: &TurnDoc, at: usize) -> Option<Function> {
    let token = turn.tokens.get(at)?;
    let word = token.norm.as_str();
    let starts = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    if starts(&["evacu", "diarrea", "popo", "excremento", "heces", "obra", "defec", "panal", "aguad"])
        || word == "bano" && turn.word(at.wrapping_sub(1)) == "del"
    {
        return Some(Function::Stool);
    }
    if starts(&["orin", "pipi"]) {
        return Some(Function::Urine);
    }
    if starts(&["vomit", "devolv"]) {
        return Some(Function::Vomit);
    }
    if starts(&["tos", "flema", "esputo"]) && !starts(&["tosta"]) {
        return Some(Function::Cough);
    }
    if starts(&["nariz", "nasal"]) {
        return Some(Function::Nose);
    }
    if starts(&["oido", "oreja"]) {
        return Some(Function::Ear);
    }
    if matches!(word, "ojo" | "ojos") {
        return Some(Function::Eye);
    }
    if starts(&["flujo", "vagin", "regla"]) {
        return Some(Function::Vagina);
    }
    starts(&["herida", "cortada", "llaga", "ulcera"]).then_some(Function::Wound)
}

/// "sangre", "moco", "pus" with the function they come from.
fn fluid(word: &str, function: Function) -> Option<&'static str> {
    Some(match (word, function) {
        ("sangre" | "sangrado" | "roja" | "rojo", Function::Stool) => "hematoquecia",
        ("sangre" | "roja" | "rojo", Function::Urine) => "hematuria",
        ("sangre", Function::Vomit) => "hematemesis",
        ("sangre", Function::Cough) => "hemoptisis",
        ("sangre" | "sangrado", Function::Nose) => "epistaxis",
        ("moco" | "mocos", Function::Stool) => "moco en heces",
        ("negro" | "negra" | "negras", Function::Stool) => "melena",
        ("espuma", Function::Urine) => "orina espumosa",
        ("pus" | "liquido" | "secrecion", Function::Ear) => "otorrea",
        ("pus" | "secrecion", Function::Eye) => "secreción ocular",
        ("pus" | "secrecion", Function::Wound) => "secreción de la herida",
        ("secrecion", Function::Vagina) => "flujo vaginal",
        ("huele" | "apesta" | "olor" | "apestosa" | "apestoso", Function::Urine) => "orina fétida",
        ("huele" | "apesta" | "olor", Function::Vagina) => "mal olor vaginal",
        ("huele" | "apesta" | "olor", Function::Ear) => "otorrea fétida",
        ("huele" | "apesta" | "olor", Function::Wound) => "mal olor de la herida",
        _ => return None,
    })
}

fn in_turn(
    lex: &Lexicons,
    turn: &TurnDoc,
    diseases: &[Hit],
    topic: &mut Topic,
    idx: usize,
) -> Vec<SymptomMention> {
    let named: Vec<Hit> = lex
        .symptoms
        .matcher
        .find(&turn.tokens)
        .into_iter()
        .filter(|hit| {
            !diseases
                .iter()
                .any(|d| d.start <= hit.start && d.end >= hit.end && d.end - d.start > hit.end - hit.start)
        })
        .collect();
    let sites = lex.sites.matcher.find(&turn.tokens);
    let mut out: Vec<SymptomMention> = Vec::new();
    for sensation in lex.sensations.matcher.find(&turn.tokens) {
        let covered = |start: usize, end: usize| {
            named.iter().any(|hit| {
                hit.end - hit.start >= 2
                    && hit.start < end
                    && start < hit.end
                    && hit.end > sensation.start
                    && hit.start < sensation.end
            })
        };
        let Some(site) = site_for(turn, sensation, &sites) else {
            if !covered(sensation.start, sensation.end) {
                out.extend(by_topic(lex, turn, sensation, &sites, topic));
            }
            continue;
        };
        let (start, end) = (sensation.start.min(site.start), sensation.end.max(site.end));
        let whole = |name: String| SymptomMention { name, start, end, about: None };
        if !covered(start, end)
            && let Some(name) = lex.sensation_at(sensation.entry, site.entry)
        {
            topic.site = Some((site.entry, idx));
            topic.asked = turn.is_doctor();
            out.push(whole(name));
        }
        for other in coordinated(turn, site, &sites) {
            if let Some(name) = lex.sensation_at(sensation.entry, other.entry) {
                out.push(SymptomMention { name, start: other.start, end: other.end, about: None });
            }
        }
    }
    elliptical(lex, turn, &sites, &mut out);
    // "Pos aquí, la pata.": a place told at the beginning is what hurts or shows in what follows.
    let early = idx < 6 && turn.is_patient_side() && out.is_empty() && turn.tokens.len() <= 14;
    if let Some(site) = sites.first().filter(|_| early) {
        topic.site = Some((site.entry, idx));
        topic.asked = false;
    }
    let fluids = fluids(turn, &named, topic, idx);
    let senses = senses(lex, turn, &named);
    for hit in named {
        let inside = |mention: &SymptomMention| hit.start >= mention.start && hit.end <= mention.end;
        if out.iter().any(inside) || fluids.iter().any(inside) {
            continue;
        }
        let name = lex.symptoms.entries[hit.entry].name.clone();
        let (name, end) = match spread_to(turn, hit, &sites).filter(|_| name == SPREAD) {
            Some(site) => (spread_name(lex, site), hit.end.max(site.end)),
            None => (name, hit.end),
        };
        out.push(SymptomMention { name, start: hit.start, end, about: None });
    }
    out.extend(fluids);
    out.extend(senses);
    out
}

/// A pain that goes elsewhere, as the lexicon calls it where nobody says whither.
pub(crate) const SPREAD: &str = "irradiación del dolor";

/// What a pain that goes to this place is called.
pub(crate) fn spread_name(lex: &Lexicons, site: Hit) -> String {
    format!("irradiación a {}", lex.sites.entries[site.entry].name)
}

/// "Se me baja por la nalga, hasta la pierna": the farthest place it goes to. The digits are the end of a limb that is named.
fn spread_to(turn: &TurnDoc, hit: Hit, sites: &[Hit]) -> Option<Hit> {
    let sentence = turn.sentence_of(hit.start);
    let mut end = hit.end;
    let mut farthest = None;
    for site in sites.iter().filter(|site| site.start >= hit.start && site.end <= sentence.end) {
        let on_the_way = (end..site.start).all(|at| {
            matches!(
                turn.word(at),
                "," | "y"
                    | "o"
                    | "a"
                    | "al"
                    | "hasta"
                    | "para"
                    | "pa"
                    | "por"
                    | "la"
                    | "el"
                    | "las"
                    | "los"
                    | "de"
                    | "atras"
                    | "hacia"
                    | "como"
                    | "en"
                    | "toda"
                    | "todo"
                    | "mi"
                    | "su"
                    | "dentro"
                    | "aqui"
                    | "ahi"
                    | "lado"
                    | "del"
            )
        });
        if !on_the_way {
            break;
        }
        end = end.max(site.end);
        let digit = turn.word(site.start).starts_with("ded");
        if farthest.is_none() || !digit {
            farthest = Some(*site);
        }
    }
    farthest
}

/// "¿Sangrados? ¿De la nariz, de las encías?": places in a question of their own, of what was asked right before.
fn elliptical(lex: &Lexicons, turn: &TurnDoc, sites: &[Hit], out: &mut Vec<SymptomMention>) {
    let sensations = lex.sensations.matcher.find(&turn.tokens);
    for pair in turn.sentences.windows(2) {
        let (before, here) = (pair[0], pair[1]);
        let mut at = here.start;
        while matches!(turn.word(at), "¿" | "," | "o" | "y") {
            at += 1;
        }
        let opens = matches!(turn.word(at), "de" | "en" | "del") && before.question && here.question;
        let own = sensations.iter().any(|hit| hit.start >= here.start && hit.end <= here.end);
        let Some(sensation) =
            sensations.iter().rev().find(|hit| hit.start >= before.start && hit.end <= before.end)
        else {
            continue;
        };
        if !opens || own {
            continue;
        }
        for site in sites.iter().filter(|site| site.start >= here.start && site.end <= here.end) {
            if let Some(name) = lex.sensation_at(sensation.entry, site.entry) {
                out.push(SymptomMention { name, start: site.start, end: site.end, about: None });
            }
        }
    }
}

/// "¿Te molesta la luz, el ruido, los olores?": what disturbs is listed behind one verb.
fn senses(lex: &Lexicons, turn: &TurnDoc, named: &[Hit]) -> Vec<SymptomMention> {
    let mut out = Vec::new();
    for hit in named {
        let name = lex.symptoms.entries[hit.entry].name.as_str();
        let light = name == "fotofobia";
        if !light && name != "fonofobia" {
            continue;
        }
        for at in hit.end..turn.sentence_of(hit.start).end.min(hit.end + 6) {
            let other = match turn.word(at) {
                "ruido" | "ruidos" if light => "fonofobia",
                "luz" if !light => "fotofobia",
                "olores" | "olor" => "osmofobia",
                _ => continue,
            };
            let known = named.iter().any(|known| known.start <= at && at < known.end);
            if !known {
                out.push(SymptomMention { name: other.to_owned(), start: at, end: at + 1, about: None });
            }
        }
    }
    out
}

/// A sensation without a site belongs to the last site of its turn, or to the one being talked about.
fn by_topic(
    lex: &Lexicons,
    turn: &TurnDoc,
    sensation: Hit,
    sites: &[Hit],
    topic: &Topic,
) -> Option<SymptomMention> {
    let head = lex.sensations.entries[sensation.entry].name.as_str();
    let verbal = matches!(
        turn.word(sensation.start),
        "duele"
            | "duelen"
            | "dolia"
            | "arde"
            | "arden"
            | "hincha"
            | "hinchan"
            | "hinchado"
            | "hinchada"
            | "pica"
            | "pican"
            | "queman"
            | "quema"
            | "hincho"
            | "dolor"
            | "dolerme"
            | "duerme"
            | "duermen"
    );
    let reddened = head == "eritema"
        && (sensation.start.saturating_sub(3)..sensation.start).any(|at| {
            matches!(turn.word(at), "puso" | "pone" | "ponen" | "esta" | "estan" | "hizo" | "trae" | "traigo")
        });
    if !reddened && (!matches!(head, "dolor" | "ardor" | "edema" | "prurito" | "parestesias") || !verbal) {
        return None;
    }
    let nearby = sites
        .iter()
        .rev()
        .find(|site| site.end <= sensation.start && sensation.start - site.end <= 16)
        .map(|site| site.entry);
    let about = topic.site.filter(|_| nearby.is_none());
    let entry = nearby.or_else(|| about.map(|(entry, _)| entry))?;
    let name = lex.sensation_at(sensation.entry, entry)?;
    let about = about.map(|(_, turn)| turn);
    Some(SymptomMention { name, start: sensation.start, end: sensation.end, about })
}

/// "¿Le duele la rodilla, la cadera?": further sites named right after the first.
fn coordinated(turn: &TurnDoc, first: Hit, sites: &[Hit]) -> Vec<Hit> {
    let mut out = Vec::new();
    let mut end = first.end;
    for site in sites.iter().filter(|site| site.start >= first.end) {
        let between: Vec<&str> = (end..site.start).map(|at| turn.word(at)).collect();
        let joins = between.iter().any(|word| matches!(*word, "," | "o" | "y" | "ni"));
        let only_small = between.iter().all(|word| {
            matches!(
                *word,
                "," | "o"
                    | "y"
                    | "ni"
                    | "la"
                    | "el"
                    | "las"
                    | "los"
                    | "en"
                    | "de"
                    | "del"
                    | "mi"
                    | "su"
                    | "tu"
            )
        });
        if !(joins && only_small) || between.len() > 3 {
            break;
        }
        let next = turn.word(site.end);
        if matches!(next, "me" | "se" | "le" | "no" | "sí" | "tampoco" | "esta" | "estan") {
            break;
        }
        end = site.end;
        out.push(*site);
    }
    out
}

/// Fluids without their function ("¿con moco, con sangre?" about a diarrhoea).
fn fluids(turn: &TurnDoc, named: &[Hit], topic: &mut Topic, idx: usize) -> Vec<SymptomMention> {
    let mut out: Vec<SymptomMention> = Vec::new();
    for at in 0..turn.tokens.len() {
        if let Some(function) = function_of(turn, at) {
            topic.function = Some((function, idx));
        }
        let word = turn.word(at);
        let covered = named.iter().any(|hit| hit.start <= at && at < hit.end && hit.end - hit.start >= 2);
        let sentence = turn.sentence_of(at);
        let ahead = (at + 1..sentence.end.min(at + 5)).find_map(|k| function_of(turn, k));
        let about = topic.function.filter(|_| ahead.is_none());
        let Some(function) = ahead.or(about.map(|(function, _)| function)) else { continue };
        let about = about.map(|(_, turn)| turn).filter(|turn| *turn != idx);
        if let (Some(name), false) = (fluid(word, function), covered)
            && !out.iter().any(|mention| mention.name == name)
        {
            out.push(SymptomMention { name: name.to_owned(), start: at, end: at + 1, about });
        }
    }
    out
}

/// The body site a sensation belongs to: the nearest after it, or before it when the speaker begins with the site.
fn site_for(turn: &TurnDoc, sensation: Hit, sites: &[Hit]) -> Option<Hit> {
    let sentence = turn.sentence_of(sensation.start);
    let clear = |from: usize, to: usize| {
        let other_clause = (from..to).any(|idx| {
            turn.word(idx) == "y"
                && matches!(
                    turn.word(idx + 1),
                    "se" | "me" | "le" | "no" | "ya" | "tengo" | "trae" | "traigo"
                )
        });
        !other_clause
            && (from..to).all(|idx| {
                !matches!(turn.word(idx), "pero" | ";" | "." | "cuando" | "sí" | "no" | "para" | "si" | "ni")
            })
            && (from..to).filter(|&idx| turn.word(idx) == ",").count() <= 1
    };
    let after = sites
        .iter()
        .filter(|site| {
            site.start >= sensation.end && site.end <= sentence.end && site.start - sensation.end <= 6
        })
        .find(|site| clear(sensation.end, site.start));
    if let Some(site) = after {
        return Some(*site);
    }
    sites
        .iter()
        .rev()
        .filter(|site| {
            site.end <= sensation.start && site.start >= sentence.start && sensation.start - site.end <= 4
        })
        .find(|site| {
            clear(site.end, sensation.start) && (site.end..sensation.start).all(|idx| turn.word(idx) != ",")
        })
        .copied()
}
