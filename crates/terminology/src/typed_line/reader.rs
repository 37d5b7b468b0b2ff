//! Goes through the words of a typed line, one field after the other.

use std::ops::Range;

use clinical::form::{Form, words_of_form};
use clinical::medication::{Dose, DoseUnit, Frequency, MedicationRequest, RequestAction, Route};
use clinical::observation::Amount;
use clinical::posology::{InvalidPosology, dose_amount, duration_days, interval_hours, number_word};
use clinical::presentation::{measures_ingredient, pack_noun, tokens, unit_word};

use super::{LineField, Problem, TypedLine};
use crate::fold::fold;
use crate::medicines::{Match, Medicine, MedicineCatalog, NameKind};

pub(super) struct Word {
    range: Range<usize>,
    folded: String,
}

pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) words: Vec<Word>,
    pub(super) at: usize,
    request: MedicationRequest,
    problems: Vec<Problem>,
    /// Bytes that no field took.
    rest: Vec<Range<usize>>,
    /// The part of a presentation that was typed.
    presentation: Vec<String>,
    strength: Option<(Amount, DoseUnit)>,
    /// The form, written out: "tableta de liberación prolongada", "crema al 1 %".
    form: Option<String>,
}

/// How many words of a name nobody knows are taken for it, at most.
const NAME_WORDS: usize = 4;
/// How many words a form has, at most: "solución inyectable de liberación prolongada".
const FORM_WORDS: usize = 8;
/// As many times as the form of a medicine takes.
const MOST_FILLS: u8 = 24;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let words =
            tokens(text).into_iter().map(|(range, raw)| Word { range, folded: folded(raw) }).collect();
        Self {
            text,
            words,
            at: 0,
            request: MedicationRequest::named("", RequestAction::Start),
            problems: Vec::new(),
            rest: Vec::new(),
            presentation: Vec::new(),
            strength: None,
            form: None,
        }
    }

    /// Begins with a line of which something is known.
    pub(super) fn go_on(&mut self, request: MedicationRequest) {
        self.request = request;
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.folded.as_str())
    }

    /// The medicine: the longest name of the catalogue at the start; otherwise the words before the first figure or unit.
    pub(super) fn name(&mut self) {
        if let Some((found, end)) = self.known_name(0) {
            let generic = found.generic_name();
            if found.kind == NameKind::Heard {
                self.corrected(self.span(0, end).unwrap_or_default(), &generic);
            } else if found.kind == NameKind::Brand {
                self.request.brand = Some(found.name.to_owned());
            }
            self.at = end;
            let mut medicines = found.medicines;
            self.joined_to(&mut medicines);
            self.named(&medicines);
            return;
        }
        let stops = |at: usize| {
            let word = self.word(at);
            word.starts_with(|c: char| c.is_ascii_digit())
                || number_word(word).is_some()
                || unit_word(word).is_some()
                || route_word(word).is_some()
                || matches!(word, "c" | "cada" | "x" | "por" | "prn" | "si")
        };
        let end = (0..self.words.len()).find(|at| stops(*at)).unwrap_or(self.words.len()).min(NAME_WORDS);
        let Some(words) = self.span(0, end).filter(|words| !words.is_empty()) else {
            let message = "Escriba primero el nombre genérico del medicamento".to_owned();
            self.problems.push(Problem { field: LineField::Medicine, typed: String::new(), message });
            return;
        };
        self.at = end;
        match MedicineCatalog::core().correct(words) {
            Some(found) => {
                self.corrected(words, &found.matched.generic_name());
                self.named(&found.matched.medicines);
            }
            None => words.clone_into(&mut self.request.medicine),
        }
    }

    /// The longest name of the catalogue that begins at a word, and where it ends.
    fn known_name(&self, at: usize) -> Option<(Match<'static>, usize)> {
        let longest = self.words.len().min(at + 8);
        (at + 1..=longest)
            .rev()
            .filter(|end| !matches!(self.word(end - 1), "" | "/"))
            .find_map(|end| Some((MedicineCatalog::core().find(self.span(at, end)?)?, end)))
    }

    /// The further ingredients of a combination: "meclizina con piridoxina", "losartán/hidroclorotiazida"; with "y" only of one
    /// that is sold.
    fn joined_to(&mut self, medicines: &mut Vec<&'static Medicine>) {
        while let Some(join @ ("con" | "/" | "+" | "y")) = self.span(self.at, self.at + 1) {
            let Some((more, end)) =
                self.known_name(self.at + 1).filter(|(more, _)| more.kind != NameKind::Brand)
            else {
                return;
            };
            let mut all = medicines.clone();
            all.extend(more.medicines);
            let inns: Vec<&str> = all.iter().map(|medicine| medicine.inn).collect();
            if join == "y" && !MedicineCatalog::core().is_fixed_combination(&inns) {
                return;
            }
            *medicines = all;
            self.at = end;
        }
    }

    fn named(&mut self, medicines: &[&Medicine]) {
        self.request.medicine =
            medicines.iter().map(|medicine| medicine.name_es).collect::<Vec<_>>().join(" / ");
        self.request.ingredients = medicines.iter().map(|medicine| medicine.inn.to_owned()).collect();
    }

    fn corrected(&mut self, typed: &str, generic: &str) {
        self.problems.push(Problem {
            field: LineField::Medicine,
            typed: generic.to_owned(),
            message: format!("Se entendió «{generic}» por «{typed}»: confirme que es ese"),
        });
    }

    /// The text of some words, as typed.
    fn span(&self, from: usize, to: usize) -> Option<&'a str> {
        let start = self.words.get(from)?.range.start;
        let end = self.words.get(to.checked_sub(1)?)?.range.end;
        self.text.get(start..end)
    }

    pub(super) fn take_one(&mut self) {
        let taken = self
            .as_needed()
            .or_else(|| self.fills())
            .or_else(|| self.pack())
            .or_else(|| self.frequency())
            .or_else(|| self.duration())
            .or_else(|| self.amount())
            .or_else(|| self.route())
            .or_else(|| self.form_alone());
        match taken {
            Some(next) => self.at = next,
            None => {
                if let Some(word) = self.words.get(self.at) {
                    self.rest.push(word.range.clone());
                }
                self.at += 1;
            }
        }
    }

    fn refuse(&mut self, field: LineField, from: usize, to: usize, why: InvalidPosology) {
        let typed = self.span(from, to).unwrap_or_default().to_owned();
        self.problems.push(Problem { field, typed, message: why.to_string() });
    }

    /// "prn", "si hay dolor", "en caso de fiebre": the rest of the line says when.
    fn as_needed(&mut self) -> Option<usize> {
        let at = self.at;
        let said = |words: &[&str]| words.iter().enumerate().all(|(n, word)| self.word(at + n) == *word);
        if said(&["prn"]) || said(&["solo", "si", "lo", "necesita"]) {
            let words = if said(&["prn"]) { 1 } else { 4 };
            self.request.as_needed = true;
            return Some(at + words);
        }
        let opens = said(&["si"]) && at + 1 < self.words.len()
            || said(&["solo", "si"])
            || said(&["en", "caso", "de"]);
        if !opens {
            return None;
        }
        self.request.as_needed = true;
        // The condition goes up to the next thing that is a field: "si hay fiebre c/8h".
        let end = (at + 1..self.words.len())
            .find(|next| {
                matches!(self.word(*next), "c" | "cada" | "x" | "por" | "durante")
                    || self.starts_number(*next)
                    || self.fills_at(*next).is_some()
            })
            .unwrap_or(self.words.len());
        self.rest.push(self.words.get(at)?.range.start..self.words.get(end - 1)?.range.end);
        Some(end)
    }

    fn fills(&mut self) -> Option<usize> {
        let (times, next) = self.fills_at(self.at)?;
        self.request.dispensing.fills = Some(times);
        Some(next)
    }

    /// "se surte 2 veces", "surtir hasta tres veces": how many times the receta may be filled, and where that ends.
    fn fills_at(&self, at: usize) -> Option<(u8, usize)> {
        let verb = at + usize::from(self.word(at) == "se");
        matches!(self.word(verb), "surte" | "surtir" | "surtirse" | "surtase").then_some(())?;
        let number = verb + 1 + usize::from(self.word(verb + 1) == "hasta");
        let times = number_of(self.word(number))?.to_string().parse().ok()?;
        let told = matches!(self.word(number + 1), "vez" | "veces") && (1..=MOST_FILLS).contains(&times);
        told.then_some((times, number + 2))
    }

    fn starts_number(&self, at: usize) -> bool {
        self.word(at).starts_with(|c: char| c.is_ascii_digit())
    }

    /// "caja con 20 tabletas" is of the presentation, "2 cajas" is the quantity.
    fn pack(&mut self) -> Option<usize> {
        let at = self.at;
        let counted = number_of(self.word(at)).is_some() && pack_noun(self.word(at + 1)).is_some();
        if counted {
            let content = self.content_after(at + 2);
            let end = content.unwrap_or(at + 2);
            self.request.quantity = self.span(at, end).map(str::to_owned);
            if content.is_some()
                && let Some(noun) = pack_noun(self.word(at + 1))
                && let Some(holds) = self.span(at + 2, end)
            {
                self.presentation.push(format!("{} {holds}", noun.0));
            }
            return Some(end);
        }
        pack_noun(self.word(at))?;
        let end = self.content_after(at + 1)?;
        let words = self.span(at, end)?.to_owned();
        self.presentation.push(words);
        Some(end)
    }

    /// Where "con 20 tabletas" ends.
    fn content_after(&self, at: usize) -> Option<usize> {
        matches!(self.word(at), "con" | "de" | "x").then_some(())?;
        self.word(at + 1).parse::<Amount>().ok()?;
        let unit = unit_word(self.word(at + 2)).is_some();
        Some(at + 2 + usize::from(unit))
    }

    fn frequency(&mut self) -> Option<usize> {
        let at = self.at;
        if let Some((frequency, next)) = self.in_words(at) {
            self.request.frequency = Some(frequency);
            return Some(next);
        }
        let mut number = match (self.word(at), self.word(at + 1)) {
            ("c", "/") => at + 2,
            ("c" | "cada" | "q", _) => at + 1,
            _ => return None,
        };
        if self.word(number) == "/" {
            number += 1;
        }
        let unit = self.word(number + 1).to_owned();
        let (factor, width) = match unit.as_str() {
            "h" | "hr" | "hrs" | "hora" | "horas" => (1, 1),
            "dia" | "dias" | "d" => (24, 1),
            "semana" | "semanas" => (168, 1),
            // "cada ocho" is said of hours.
            _ => (1, 0),
        };
        let next = number + 1 + width;
        number_of(self.word(number))?;
        let hours = interval_hours(self.word(number)).and_then(|count| {
            let hours = count.checked_mul(factor).ok_or(InvalidPosology::Hours)?;
            interval_hours(&hours.to_string())
        });
        match hours {
            Ok(hours) => self.request.frequency = Some(Frequency::EveryHours(hours)),
            Err(why) => self.refuse(LineField::Frequency, at, next, why),
        }
        Some(next)
    }

    /// "diario", "dos veces al día", "bid", "cada tercer día", "dosis única".
    fn in_words(&self, at: usize) -> Option<(Frequency, usize)> {
        let (one, two, three) = (self.word(at), self.word(at + 1), self.word(at + 2));
        let every = |hours, width| Some((Frequency::EveryHours(hours), at + width));
        match (one, two, three) {
            ("dosis", "unica", _) => return Some((Frequency::Once, at + 2)),
            ("cada", "tercer", "dia") => return every(48, 3),
            ("cada", "dia", _) => return every(24, 2),
            ("cada", "semana", _) => return every(168, 2),
            ("al", "dia", _) => return every(24, 2),
            ("bid", ..) => return every(12, 1),
            ("tid", ..) => return every(8, 1),
            ("qid", ..) => return every(6, 1),
            ("diario" | "diaria" | "diariamente", ..) => return every(24, 1),
            ("semanal" | "semanalmente", ..) => return every(168, 1),
            _ => {}
        }
        if matches!(two, "vez" | "veces") && matches!(three, "al" | "por" | "a") {
            let times = number_of(one)?.to_string().parse::<u16>().ok()?;
            let (span, width) = match self.word(at + 3) {
                "dia" => (24, 4),
                "la" if self.word(at + 4) == "semana" => (168, 5),
                "semana" => (168, 4),
                _ => return None,
            };
            if times > 0 && span % times == 0 {
                return every(span / times, width);
            }
        }
        None
    }

    /// "5 d", "x 5 días", "por 2 semanas", "durante un mes".
    fn duration(&mut self) -> Option<usize> {
        let at = self.at;
        let led = matches!(self.word(at), "x" | "por" | "durante");
        let number = at + usize::from(led);
        number_of(self.word(number))?;
        let factor = match self.word(number + 1) {
            "d" | "dia" | "dias" => 1,
            "sem" | "semana" | "semanas" => 7,
            "mes" | "meses" => 30,
            _ => return None,
        };
        let next = number + 2;
        let days = duration_days(self.word(number)).and_then(|count| {
            let days = count.checked_mul(factor).ok_or(InvalidPosology::Days)?;
            duration_days(&days.to_string())
        });
        match days {
            Ok(days) => self.request.duration_days = Some(days),
            Err(why) => self.refuse(LineField::Duration, at, next, why),
        }
        Some(next)
    }

    /// "500 mg", "1/2 tableta", "media tableta", "medio gramo", "1 1/2 tab", "una y media tabletas".
    fn amount(&mut self) -> Option<usize> {
        let at = self.at;
        let is_number = self.starts_number(at) || number_word(self.word(at)).is_some();
        is_number.then_some(())?;
        let mut end = at + 1;
        if self.word(end) == "y" && matches!(self.word(end + 1), "media" | "medio") {
            end += 2;
        } else if self.starts_number(at) && self.word(end).contains('/') && self.word(end).len() > 1 {
            end += 1;
        }
        let unit = unit_word(self.word(end))?;
        let next = end + 1;
        let typed = self.span(at, end)?.to_owned();
        match dose_amount(&typed) {
            Ok(amount) => Some(self.dose_or_strength(at, next, amount, unit)),
            Err(why) => {
                self.refuse(LineField::Dose, at, end, why);
                Some(next)
            }
        }
    }

    /// An amount of the ingredient may be the strength of the presentation; a count of pieces is the dose.
    fn dose_or_strength(&mut self, from: usize, next: usize, amount: Amount, unit: DoseUnit) -> usize {
        if measures_ingredient(unit) {
            let per_volume = matches!(self.word(next), "/" | "en") && self.volume_end(next + 1).is_some();
            if per_volume {
                let end = self.volume_end(next + 1).unwrap_or(next);
                self.presentation.extend(self.span(from, end).map(str::to_owned));
                return end;
            }
            if self.strength.is_none() {
                self.strength = Some((amount, unit));
                return next;
            }
            // A second one is the dose, the first the strength: "tabletas de 500 mg, 1 g cada 8 horas".
            self.request.dose = Dose::new(amount, unit).ok();
            return next;
        }
        if unit == DoseUnit::Dose && self.word(next) == "unica" {
            self.request.frequency = Some(Frequency::Once);
            return next + 1;
        }
        self.request.dose = Dose::new(amount, unit).ok();
        next
    }

    fn volume_end(&self, at: usize) -> Option<usize> {
        let unit = at + usize::from(self.starts_number(at));
        (unit_word(self.word(unit)) == Some(DoseUnit::Milliliter)).then_some(unit + 1)
    }

    fn route(&mut self) -> Option<usize> {
        let at = self.at;
        let from = at + usize::from(self.word(at) == "via");
        let route = route_word(self.word(from))?;
        self.request.route = Some(route);
        Some(from + 1)
    }

    /// "tableta de 500 mg", "tabs", "crema al 1 %", "solución oftálmica": the form of the presentation.
    fn form_alone(&mut self) -> Option<usize> {
        let at = self.at;
        // A unit that names a form is written out; "gotas" stay several.
        let unit = unit_word(self.word(at)).filter(|unit| {
            !measures_ingredient(*unit)
                && !matches!(unit, DoseUnit::Milliliter | DoseUnit::Drop | DoseUnit::Spray)
        });
        let typed: Vec<&str> = (at..at + FORM_WORDS).map_while(|word| self.span(word, word + 1)).collect();
        let count = words_of_form(&typed).or(unit.map(|_| 1))?;
        let end = at + count;
        let form = match (unit, self.span(at + 1, end)) {
            (Some(unit), Some(more)) if count > 1 => format!("{} {more}", unit.label()),
            (Some(unit), _) => unit.label().to_owned(),
            (None, _) => self.span(at, end)?.to_lowercase(),
        };
        self.form.get_or_insert(form);
        let of = self.word(end) == "de" && self.starts_number(end + 1);
        Some(end + usize::from(of))
    }

    pub(super) fn finish(mut self) -> TypedLine {
        let has_dose = self.request.dose.is_some();
        let counted = self.request.dose.map(|dose| dose.unit).filter(|unit| !measures_ingredient(*unit));
        if let Some((amount, unit)) = self.strength {
            if has_dose {
                // "500 mg, 1 tableta": the tablet has 500 mg.
                let form = self.form.take().or(counted.map(|unit| unit.label().to_owned()));
                let words = form.map_or(format!("{amount} {}", unit.label()), |form| {
                    format!("{form} de {amount} {}", unit.label())
                });
                self.presentation.insert(0, words);
            } else {
                self.request.dose = Dose::new(amount, unit).ok();
                self.presentation.splice(0..0, self.form.take());
            }
        } else {
            self.presentation.splice(0..0, self.form.take());
        }
        if !self.presentation.is_empty() {
            self.request.presentation = Some(self.presentation.join(", "));
        }
        if self.request.route.is_none() {
            let form = self.request.presentation.as_deref().and_then(Form::read);
            self.request.route = implied_route(self.request.dose.map(|dose| dose.unit), form);
        }
        let told = [self.request.instructions.take(), joined(self.text, &self.rest)];
        let told: Vec<String> = told.into_iter().flatten().collect();
        self.request.instructions = (!told.is_empty()).then(|| told.join("; "));
        TypedLine { request: self.request, problems: self.problems }
    }
}

/// The route that the dose or the form leaves no doubt about. A solution or a gel that does not say for what goes anywhere.
fn implied_route(unit: Option<DoseUnit>, form: Option<Form>) -> Option<Route> {
    let named = form.filter(|form| !matches!(form, Form::Liquid | Form::Powder | Form::Skin));
    if let Some(route) = named.and_then(Form::route) {
        return Some(route);
    }
    match unit? {
        DoseUnit::Tablet
        | DoseUnit::Capsule
        | DoseUnit::Teaspoon
        | DoseUnit::Tablespoon
        | DoseUnit::Sachet => Some(Route::Oral),
        DoseUnit::Suppository => Some(Route::Rectal),
        DoseUnit::Ovule => Some(Route::Vaginal),
        DoseUnit::Puff | DoseUnit::Nebulization => Some(Route::Inhaled),
        DoseUnit::Patch => Some(Route::Transdermal),
        _ => None,
    }
}

pub(super) fn route_word(word: &str) -> Option<Route> {
    Some(match word {
        "vo" | "oral" | "boca" => Route::Oral,
        "sl" | "sublingual" => Route::Sublingual,
        "iv" | "intravenosa" => Route::Intravenous,
        "im" | "intramuscular" => Route::Intramuscular,
        "sc" | "subcutanea" => Route::Subcutaneous,
        "topica" | "topico" | "cutanea" => Route::Topical,
        "transdermica" => Route::Transdermal,
        "inhalada" | "inhalado" => Route::Inhaled,
        "nasal" => Route::Nasal,
        "oftalmica" | "oftalmico" | "oft" => Route::Ophthalmic,
        "otica" | "otico" => Route::Otic,
        "rectal" => Route::Rectal,
        "vaginal" => Route::Vaginal,
        "intradermica" => Route::Intradermal,
        "intraarticular" => Route::Intraarticular,
        _ => return None,
    })
}

fn number_of(word: &str) -> Option<Amount> {
    if word.starts_with(|c: char| c.is_ascii_digit()) { word.parse().ok() } else { number_word(word) }
}

/// Folded, and abbreviations without their points: "v.o." is "vo".
fn folded(raw: &str) -> String {
    if raw.starts_with(|c: char| c.is_ascii_digit()) || raw == "/" {
        return raw.to_owned();
    }
    if raw.contains('.') { fold(&raw.replace('.', "")) } else { fold(raw) }
}

/// The words no field took, those that stood together in one piece.
fn joined(text: &str, rest: &[Range<usize>]) -> Option<String> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for range in rest {
        match pieces.last_mut() {
            Some(last) if text.get(last.end..range.start).is_some_and(|gap| gap.trim().len() <= 1) => {
                last.end = range.end;
            }
            _ => pieces.push(range.clone()),
        }
    }
    let words: Vec<&str> = pieces.iter().filter_map(|range| text.get(range.clone())).map(str::trim).collect();
    let words: Vec<&str> =
        words.into_iter().filter(|words| !matches!(*words, "" | "de" | "y" | "x")).collect();
    (!words.is_empty()).then(|| words.join("; "))
}
