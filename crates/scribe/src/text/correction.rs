//! Self-correction: "quinientos... no, perdón, setecientos cincuenta" leaves only the second number.

use super::numbers::number_at;
use super::token::Token;

const CUES: &[&str] = &[
    "perdon",
    "perdone",
    "perdoneme",
    "digo",
    "corrijo",
    "disculpe",
    "disculpa",
    "miento",
    "equivoque",
    "dije",
    "perdona",
    "aguanta",
    "aguanteme",
    "espera",
    "espere",
    "esperame",
    "espereme",
    "rectifico",
];
/// What may stand between a "no" and the amount that is meant: "no, espérate, empezamos con cuarenta", "no, déjalo en diez".
const LEADS: &[&str] = &[
    "dejalo",
    "dejala",
    "dejelo",
    "dejela",
    "dejo",
    "dejamos",
    "empezamos",
    "empieza",
    "empiece",
    "vamos",
    "empezar",
    "ponle",
    "pongale",
    "ponemos",
    "sean",
    "sea",
    "esperate",
    "esperese",
    "lo",
    "te",
    "le",
    "se",
    "en",
    "tableta",
    "capsula",
    "pastilla",
    "jarabe",
    "presentacion",
    "hay",
    "mas",
    "bien",
    "voy",
    "dar",
];
const PIECES: &[&str] = &["media", "medio", "cuarto", "tercio", "un", "una", "uno", "dos"];

/// Marks the tokens of a number that its speaker takes back.
///
/// In: the tokens of one turn. Only a number corrected by a number is touched; the words in between are marked too,
/// except a unit that stands right after the first number, which the second number inherits.
pub fn mark_taken_back(tokens: &mut [Token]) {
    let mut at = 0;
    let mut last: Option<(usize, usize)> = None;
    while at < tokens.len() {
        let Some(first_end) = amount_end(tokens, at) else {
            at += 1;
            continue;
        };
        // "sesenta y uno con cuatrocientos... perdón, sesenta punto cuatro": the whole measure is taken back.
        let begin = last
            .filter(|&(_, end)| end + 1 == at && tokens[end].norm == "con")
            .map_or(at, |(start, _)| start);
        last = Some((begin, first_end));
        if let Some((pause, second)) = better_so(tokens, first_end) {
            for idx in (begin..=first_end).chain(pause..second) {
                tokens[idx].dead = true;
            }
            at = second;
            continue;
        }
        match correction_after(tokens, first_end).or_else(|| corrected_later(tokens, at, first_end)) {
            Some(second) => {
                let unit = tokens.get(first_end).is_some_and(|token| is_unit(&token.norm));
                let keep = if unit && !unit_after(tokens, second) { first_end..first_end + 1 } else { 0..0 };
                // "cada ocho, no, cada seis": the word that leads to the amount is the second one's.
                let led = begin > 0
                    && second > first_end
                    && tokens[begin - 1].norm == tokens[second - 1].norm
                    && matches!(tokens[begin - 1].norm.as_str(), "cada" | "de" | "por" | "a" | "en" | "son");
                let taken_back = if led { begin - 1..second - 1 } else { begin..second };
                for idx in taken_back {
                    tokens[idx].dead = !keep.contains(&idx);
                }
                at = second;
            }
            None => {
                if let Some(end) = moment_instead(tokens, at, first_end) {
                    for token in &mut tokens[at - 1..end] {
                        token.dead = true;
                    }
                }
                at = first_end;
            }
        }
    }
}

/// "cada doce, no, nada más en la noche": where the "no" of an interval ends that a moment of the day takes the place of.
fn moment_instead(tokens: &[Token], first: usize, end: usize) -> Option<usize> {
    let word = |idx: usize| tokens.get(idx).map_or("", |token| token.norm.as_str());
    let led = first > 0 && word(first - 1) == "cada";
    let pause = end + usize::from(matches!(word(end), "horas" | "hora" | "dias"));
    let mut idx = pause + 1;
    while matches!(word(idx), "bueno" | "perdon" | "ay" | "digo") {
        idx += 1;
    }
    if !led || !matches!(word(pause), "," | "...") || word(idx) != "no" {
        return None;
    }
    let after = idx + 1 + usize::from(word(idx + 1) == ",");
    let from = after + usize::from(matches!(word(after), "nomas" | "solo" | "mejor" | "solamente"));
    let moment = word(from) == "en" && matches!(word(from + 1), "la" | "las" | "ayunas")
        || matches!(word(from), "diario" | "diaria")
        || matches!((word(from), word(from + 1)), ("una", "vez" | "diaria" | "al"));
    moment.then_some(after)
}

/// "la rodilla izquierda... perdón, derecha": a side taken back.
pub fn mark_sides_taken_back(tokens: &mut [Token]) {
    let side = |word: &str| {
        matches!(
            word,
            "izquierdo"
                | "izquierda"
                | "izquierdos"
                | "izquierdas"
                | "derecho"
                | "derecha"
                | "derechos"
                | "derechas"
        )
    };
    for at in 0..tokens.len() {
        if !side(&tokens[at].norm) {
            continue;
        }
        let ahead = &tokens[at + 1..tokens.len().min(at + 7)];
        let cue = ahead.iter().position(|token| CUES.contains(&token.norm.as_str()));
        let again = ahead.iter().position(|token| side(&token.norm));
        if cue.zip(again).is_some_and(|(cue, again)| cue < again) {
            tokens[at].dead = true;
        }
    }
}

fn amount_end(tokens: &[Token], at: usize) -> Option<usize> {
    if let Some(number) = number_at(tokens, at) {
        let quarter =
            matches!(tokens.get(number.end).map(|t| t.norm.as_str()), Some("cuarto" | "cuartos" | "tercio"));
        return Some(number.end + usize::from(quarter));
    }
    tokens.get(at).filter(|token| PIECES.contains(&token.norm.as_str())).map(|_| at + 1)
}

fn is_unit(word: &str) -> bool {
    matches!(word, "kilos" | "kilo" | "grados" | "dias" | "semanas" | "meses" | "horas")
        || super::amount::dose_unit(word).is_some()
}

fn unit_after(tokens: &[Token], at: usize) -> bool {
    amount_end(tokens, at).and_then(|end| tokens.get(end)).is_some_and(|token| is_unit(&token.norm))
}

/// "de cien... no, perdón, la que hay es de cincuenta": a strength corrected by a strength, with other words between.
fn corrected_later(tokens: &[Token], first: usize, at: usize) -> Option<usize> {
    let strength = |idx: usize| idx > 0 && tokens[idx - 1].norm == "de";
    if !strength(first) {
        return reckoned_again(tokens, at);
    }
    let ahead = at..tokens.len().min(at + 16);
    let end = ahead.clone().find(|&idx| matches!(tokens[idx].norm.as_str(), "." | "?" | "!" | ";"));
    let ahead = at..end.unwrap_or(ahead.end);
    let cue = ahead.clone().find(|&idx| CUES.contains(&tokens[idx].norm.as_str()))?;
    let near = cue <= at + 4;
    (cue..ahead.end).find(|&idx| near && strength(idx) && number_at(tokens, idx).is_some())
}

/// "cinco mililitros está bien... le va mejor seis mililitros", "quinientos miligramos, en una sola dosis... mejor un gramo": a
/// second amount in the same measure, preferred in so many words. Gives the pause before it, and where it begins; what was said
/// between the first and the pause stays.
fn better_so(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let word = |idx: usize| tokens.get(idx).map_or("", |token| token.norm.as_str());
    let family =
        |unit: &str| super::amount::dose_unit(unit).map(|unit| if unit == "g" { "mg" } else { unit });
    let measure = family(word(at))?;
    let pause = (at + 1..tokens.len().min(at + 12)).find(|&idx| word(idx) == "...")?;
    if (at..pause).any(|idx| matches!(word(idx), "." | "?" | ";")) {
        return None;
    }
    let better = (pause + 1..pause + 5).find(|&idx| word(idx) == "mejor")?;
    let second = (better + 1..better + 3).find(|&idx| {
        number_at(tokens, idx).is_some_and(|number| family(word(number.end)) == Some(measure))
    })?;
    Some((pause, second))
}

/// "diez miligramos... no, a ver, ya pesa más: son veinte miligramos": the same measure told again after a "no".
fn reckoned_again(tokens: &[Token], at: usize) -> Option<usize> {
    let word = |idx: usize| tokens.get(idx).map_or("", |token| token.norm.as_str());
    let unit = Some(word(at)).filter(|unit| super::amount::dose_unit(unit).is_some())?;
    if word(at + 1) != "..." || !matches!((word(at + 2), word(at + 3)), ("no", "," | ".")) {
        return None;
    }
    (at + 4..tokens.len().min(at + 22)).find(|&idx| {
        let told = matches!(
            word(idx - 1),
            "son" | "es" | "mejor" | "serian" | "tocan" | "toca" | "quedan" | "dele" | "dale"
        );
        let same = number_at(tokens, idx).is_some_and(|number| word(number.end) == unit);
        told && same
    })
}

/// Index of the second amount when what follows `at` is a correction.
fn correction_after(tokens: &[Token], at: usize) -> Option<usize> {
    // "de cien... trescientos, una diaria": the second strength in place of the first.
    let strengths = at >= 2
        && tokens.get(at).is_some_and(|token| token.norm == "...")
        && number_at(tokens, at + 1).is_some_and(|number| {
            number.value > 6.0
                && tokens.get(number.end).is_none_or(|next| next.is_punct() || is_unit(&next.norm))
        })
        && (at.saturating_sub(5)..at).any(|k| tokens[k].norm == "de");
    if strengths {
        return Some(at + 1);
    }
    let mut idx = at;
    let mut pause = false;
    let mut no_between_pauses = false;
    let mut cue = false;
    while idx < tokens.len() && idx <= at + 9 {
        let word = tokens[idx].norm.as_str();
        match word {
            "," | "..." | ".." | "-" | "—" | ";" => {
                pause = true;
            }
            "no" if pause => no_between_pauses = true,
            _ if CUES.contains(&word) => cue = true,
            "mejor" if tokens.get(idx + 1).is_some_and(|next| next.norm == "dicho") => cue = true,
            // "de doscientos cincuenta, mejor de quinientos", "cinco días, mejor siete días"
            "mejor"
                if (idx <= at + 1 || idx == at + 2 && is_unit(&tokens[at].norm))
                    && (amount_end(tokens, idx + 1).is_some()
                        || tokens.get(idx + 1).is_some_and(|next| next.norm == "de")
                            && number_at(tokens, idx + 2).is_some()) =>
            {
                cue = true;
            }
            // "de treinta... de cincuenta mejor"
            _ if pause
                && number_at(tokens, idx)
                    .and_then(|number| tokens.get(number.end))
                    .is_some_and(|next| next.norm == "mejor") =>
            {
                return Some(idx);
            }
            _ if (cue || no_between_pauses) && amount_end(tokens, idx).is_some() => {
                let article = matches!(word, "un" | "una") && !unit_after(tokens, idx);
                // "media... no, una completa": a count in place of a count.
                let counts = tokens[at - 1].norm != "y" && PIECES.contains(&tokens[at - 1].norm.as_str());
                return (!article || cue || counts).then_some(idx);
            }
            "por" | "cada" if no_between_pauses || cue => {}
            _ if (no_between_pauses || cue) && LEADS.contains(&word) => {}
            "de" | "ay" | "a" | "ver" | "son" | "es" | "fue" | "fueron" | "me" | "bueno" | "doctor"
            | "doctora" | "mejor" | "dicho" | "la" | "el" | "las" | "los" | "con" | "aqui" | "dice"
            | "que" => {}
            _ if is_unit(word) && idx == at => {}
            _ => return None,
        }
        idx += 1;
    }
    None
}
