//! A question as pairs of name and value, the same in a form, an address and where it is kept; and back, checked.

use std::fmt::Write as _;

use clinical::laboratory::Comparator;
use clinical::observation::{Amount, VitalKind};
use clinical::person::{Sex, parse_date};
use jiff::civil::Date;

use super::{
    Ages, Clause, Diagnosed, Fact, IcdCode, Key, Measured, Question, QuestionError, Seen, Span, Test, Visits,
    When,
};
use crate::icd::CHAPTERS;

/// Name of the pairs that carry a condition each.
const CLAUSE: &str = "c";
/// Longest condition that is read.
const LONGEST: usize = 200;

impl Visits {
    /// Word in forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Any => "si",
            Self::First => "primera",
            Self::Again => "otra",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Any, Self::First, Self::Again].into_iter().find(|own| own.code() == code)
    }
}

impl When {
    /// Word in forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Now => "hoy",
            Self::Ever => "alguna",
            Self::Within => "periodo",
        }
    }

    /// Reads [`When::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Now, Self::Ever, Self::Within].into_iter().find(|own| own.code() == code)
    }
}

/// The directions of a bound, in the order of the form.
pub const DIRECTIONS: [Comparator; 4] =
    [Comparator::AtLeast, Comparator::More, Comparator::AtMost, Comparator::Less];

/// Word of a direction in forms.
#[must_use]
pub fn direction_code(how: Comparator) -> &'static str {
    match how {
        Comparator::AtLeast => "ge",
        Comparator::More => "gt",
        Comparator::AtMost => "le",
        Comparator::Less => "lt",
    }
}

impl Measured {
    /// Word in forms: the code of a vital sign, or a LOINC code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Vital(kind) => kind.code(),
            Self::Result(loinc) => loinc.as_str(),
        }
    }

    /// Reads [`Measured::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let loinc = || {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let (number, check) = code.split_once('-')?;
            (digits(number) && digits(check) && code.len() <= 12).then(|| Key::new(code))?
        };
        VitalKind::from_code(code).map(Self::Vital).or_else(|| loinc().map(Self::Result))
    }
}

impl Clause {
    /// The condition as one value: `dx:5A11:hoy`, `no:rx:alguna:metformin`, `valor:4548-4:ultimo:ge:9`.
    #[must_use]
    pub fn code(&self) -> String {
        let fact = match &self.fact {
            Fact::Diagnosis { what: Diagnosed::Code(code), when } => {
                format!("dx:{}:{}", code.as_str(), when.code())
            }
            Fact::Diagnosis { what: Diagnosed::Chapter(own), when } => {
                format!("capitulo:{}:{}", own.sign, when.code())
            }
            Fact::Medicine { ingredient, when } => format!("rx:{}:{}", when.code(), ingredient.as_str()),
            Fact::Value { what, test: None } => format!("valor:{}", what.code()),
            Fact::Value { what, test: Some(test) } => {
                let which = if test.last { "ultimo" } else { "alguno" };
                format!("valor:{}:{which}:{}:{}", what.code(), direction_code(test.how), test.amount)
            }
            Fact::Lacking(control) => format!("pendiente:{}", control.as_str()),
        };
        if self.denied { format!("no:{fact}") } else { fact }
    }

    /// Reads [`Clause::code`].
    ///
    /// # Errors
    /// [`QuestionError::Clause`] for anything else.
    pub fn from_code(code: &str) -> Result<Self, QuestionError> {
        if code.len() > LONGEST {
            return Err(QuestionError::Clause);
        }
        let (denied, code) = code.strip_prefix("no:").map_or((false, code), |rest| (true, rest));
        let fact = fact(code).ok_or(QuestionError::Clause)?;
        Ok(Self { denied, fact })
    }
}

fn fact(code: &str) -> Option<Fact> {
    let (kind, rest) = code.split_once(':')?;
    let parts: Vec<&str> = rest.split(':').collect();
    match (kind, parts.as_slice()) {
        ("dx", [code, when]) => {
            let what = Diagnosed::Code(IcdCode::new(code)?);
            Some(Fact::Diagnosis { what, when: When::from_code(when)? })
        }
        ("capitulo", [sign, when]) => {
            let own = CHAPTERS.iter().find(|own| sign.chars().eq([own.sign]))?;
            Some(Fact::Diagnosis { what: Diagnosed::Chapter(own), when: When::from_code(when)? })
        }
        ("rx", _) => {
            let (when, ingredient) = rest.split_once(':')?;
            Some(Fact::Medicine { ingredient: Key::new(ingredient)?, when: When::from_code(when)? })
        }
        ("valor", [what]) => Some(Fact::Value { what: Measured::from_code(what)?, test: None }),
        ("valor", [what, which, how, amount]) => {
            let last = match *which {
                "ultimo" => true,
                "alguno" => false,
                _ => return None,
            };
            let how = DIRECTIONS.into_iter().find(|own| direction_code(*own) == *how)?;
            // Only as it is written here: one question has one text.
            let amount = amount.parse::<Amount>().ok().filter(|read| read.to_string() == *amount)?;
            Fact::value(Measured::from_code(what)?, Some(Test { last, how, amount })).ok()
        }
        ("pendiente", [control]) => Some(Fact::Lacking(Key::new(control)?)),
        _ => None,
    }
}

impl Question {
    /// The question as pairs of name and value, in a fixed order; what it does not ask for has none.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.sex.map(|sex| ("sexo", sex.code().to_owned())));
        let (from, until) = self.ages.ends();
        pairs.extend(from.map(|age| ("edad_de", age.to_string())));
        pairs.extend(until.map(|age| ("edad_a", age.to_string())));
        if let Some(seen) = self.seen {
            pairs.push(("vino", seen.how.code().to_owned()));
            pairs.extend(seen.by.map(|by| ("medico", by.to_string())));
        }
        match self.span {
            Span::Always => {}
            Span::Months(months) => pairs.push(("periodo", months.to_string())),
            Span::Days { from, until } => pairs.extend([
                ("periodo", "fechas".to_owned()),
                ("desde", from.to_string()),
                ("hasta", until.to_string()),
            ]),
        }
        pairs.extend(self.clauses.iter().map(|clause| (CLAUSE, clause.code())));
        pairs
    }

    /// Reads pairs as a form or address brings them; those of other names are passed over.
    ///
    /// # Errors
    /// Everything that is to be corrected.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<QuestionError>> {
        let pairs: Vec<(&str, &str)> = pairs
            .into_iter()
            .map(|(name, value)| (name, value.trim()))
            .filter(|(_, v)| !v.is_empty())
            .collect();
        let get = |name: &str| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        let mut errors = Vec::new();
        let sex =
            get("sexo").and_then(|code| told(&mut errors, Sex::from_code(code).ok_or(QuestionError::Sex)));
        let from = get("edad_de").and_then(|text| told(&mut errors, age("edad_de", text)));
        let until = get("edad_a").and_then(|text| told(&mut errors, age("edad_a", text)));
        let ages = told(&mut errors, Ages::new(from, until)).unwrap_or_default();
        let span = told(&mut errors, span(&get)).unwrap_or_default();
        let seen = told(&mut errors, seen(&get, span)).flatten();
        let mut question = Self { sex, ages, seen, span, clauses: Vec::new() };
        for (_, code) in pairs.iter().filter(|(name, _)| *name == CLAUSE) {
            match Clause::from_code(code).and_then(|clause| question.clone().with(clause)) {
                Ok(more) => question = more,
                Err(error) => {
                    if !errors.contains(&error) {
                        errors.push(error);
                    }
                }
            }
        }
        if errors.is_empty() { Ok(question) } else { Err(errors) }
    }

    /// The question as it is kept: a line for each pair.
    #[must_use]
    pub fn text(&self) -> String {
        self.pairs().into_iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name}={value}");
            text
        })
    }

    /// Reads [`Question::text`].
    ///
    /// # Errors
    /// As [`Question::read`].
    pub fn from_text(text: &str) -> Result<Self, Vec<QuestionError>> {
        Self::read(text.lines().filter_map(|line| line.split_once('=')))
    }
}

fn told<T>(errors: &mut Vec<QuestionError>, read: Result<T, QuestionError>) -> Option<T> {
    read.map_err(|error| errors.push(error)).ok()
}

fn age(field: &'static str, text: &str) -> Result<u8, QuestionError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|age| plain && *age <= super::OLDEST).ok_or(QuestionError::Age { field })
}

fn span<'a>(get: &impl Fn(&str) -> Option<&'a str>) -> Result<Span, QuestionError> {
    let day = |field: &'static str| -> Result<Date, QuestionError> {
        parse_date(get(field).unwrap_or_default()).map_err(|source| QuestionError::Day { field, source })
    };
    match get("periodo") {
        None => Ok(Span::Always),
        Some("fechas") => Span::days(day("desde")?, day("hasta")?),
        Some(months) => Span::months(months.parse().map_err(|_| QuestionError::Span)?),
    }
}

fn seen<'a>(get: &impl Fn(&str) -> Option<&'a str>, span: Span) -> Result<Option<Seen>, QuestionError> {
    let by = get("medico").map(|id| id.parse().map_err(|_| QuestionError::Practitioner)).transpose()?;
    let how = get("vino").map(|code| Visits::from_code(code).ok_or(QuestionError::Visits)).transpose()?;
    match (how, by) {
        (None, None) => Ok(None),
        (Some(Visits::First | Visits::Again), _) if span == Span::Always => {
            Err(QuestionError::VisitsWithoutSpan)
        }
        (how, by) => Ok(Some(Seen { how: how.unwrap_or(Visits::Any), by })),
    }
}

#[cfg(test)]
mod tests {
    use clinical::ids::PractitionerId;
    use proptest::prelude::*;

    use super::*;

    fn when() -> impl Strategy<Value = When> {
        prop_oneof![Just(When::Now), Just(When::Ever), Just(When::Within)]
    }

    fn measured() -> impl Strategy<Value = Measured> {
        prop_oneof![
            (0..VitalKind::ALL.len()).prop_map(|at| Measured::Vital(VitalKind::ALL[at])),
            "[0-9]{3,5}-[0-9]".prop_map(|loinc| Measured::Result(Key::new(&loinc).unwrap())),
        ]
    }

    fn any_fact() -> impl Strategy<Value = Fact> {
        let code = "[1-9A-HJ-NP-SV][0-9A-Z]{3}(\\.[0-9A-Z]{1,3})?";
        let diagnosed = prop_oneof![
            code.prop_map(|code| Diagnosed::Code(IcdCode::new(&code).unwrap())),
            (0..CHAPTERS.len()).prop_map(|at| Diagnosed::Chapter(&CHAPTERS[at])),
        ];
        let test = (any::<bool>(), 0usize..4, 0i32..3_000_000).prop_map(|(last, how, scaled)| Test {
            last,
            how: DIRECTIONS[how],
            amount: Amount::from_f64(f64::from(scaled) / 10_000.0).unwrap(),
        });
        prop_oneof![
            (diagnosed, when()).prop_map(|(what, when)| Fact::Diagnosis { what, when }),
            ("[a-záéíóúñ][a-z :=,'&áéíóúñ-]{0,20}[a-z]", when())
                .prop_map(|(name, when)| Fact::Medicine { ingredient: Key::new(&name).unwrap(), when }),
            (measured(), proptest::option::of(test))
                .prop_filter_map("possible", |(what, test)| Fact::value(what, test).ok()),
            "[a-z_]{1,20}".prop_map(|control| Fact::Lacking(Key::new(&control).unwrap())),
        ]
    }

    fn any_span() -> impl Strategy<Value = Span> {
        let days =
            (1_900i16..2_190, 1i8..=12, 1i8..=28, 0i64..3_000).prop_filter_map("days", |(y, m, d, more)| {
                let from = Date::new(y, m, d).ok()?;
                Span::days(from, from.checked_add(jiff::Span::new().days(more)).ok()?).ok()
            });
        prop_oneof![Just(Span::Always), (1u16..=1_200).prop_map(Span::Months), days]
    }

    fn any_question() -> impl Strategy<Value = Question> {
        let seen = (0usize..3, any::<Option<u128>>());
        let clauses = proptest::collection::vec((any::<bool>(), any_fact()), 0..10);
        let who = (proptest::option::of(0usize..4), any::<Option<u8>>(), any::<Option<u8>>());
        (who, proptest::option::of(seen), any_span(), clauses).prop_map(
            |((sex, from, until), seen, span, clauses)| {
                let seen = seen.map(|(how, by)| Seen {
                    how: if span == Span::Always {
                        Visits::Any
                    } else {
                        [Visits::Any, Visits::First, Visits::Again][how]
                    },
                    by: by.map(|id| format!("{id:032x}").parse::<PractitionerId>().unwrap()),
                });
                let ages = Ages::new(from, until).unwrap_or_default();
                let empty =
                    Question { sex: sex.map(|at| Sex::ALL[at]), ages, seen, span, clauses: Vec::new() };
                clauses.into_iter().fold(empty, |question, (denied, fact)| {
                    question.clone().with(Clause { denied, fact }).unwrap_or(question)
                })
            },
        )
    }

    proptest! {
        #[test]
        fn any_question_is_read_back_from_its_pairs_and_from_its_text(question in any_question()) {
            let pairs = question.pairs();
            let read = Question::read(pairs.iter().map(|(name, value)| (*name, value.as_str())));
            prop_assert_eq!(read.as_ref(), Ok(&question));
            prop_assert_eq!(Question::from_text(&question.text()), Ok(question));
        }

        #[test]
        fn whatever_is_typed_is_read_or_refused_with_words(
            pairs in proptest::collection::vec(
                (prop_oneof!["sexo|edad_de|edad_a|medico|vino|periodo|desde|hasta|c", ".{0,9}"], ".{0,30}"), 0..12)
        ) {
            match Question::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
                Ok(question) => prop_assert_eq!(Question::from_text(&question.text()), Ok(question)),
                Err(errors) => {
                    prop_assert!(errors.iter().all(|error| !error.to_string().is_empty() && !error.field().is_empty()));
                }
            }
        }
    }

    #[test]
    fn hostile_forms_are_refused_and_each_fault_names_its_field() {
        let check = |pairs: &[(&str, &str)], fields: &[&str]| {
            let errors = Question::read(pairs.iter().copied()).unwrap_err();
            assert_eq!(errors.iter().map(QuestionError::field).collect::<Vec<_>>(), fields, "{pairs:?}");
        };
        check(&[("sexo", "x'; DROP TABLE patient; --")], &["sexo"]);
        check(&[("edad_de", "+5"), ("edad_a", "121")], &["edad_de", "edad_a"]);
        check(&[("edad_de", "60"), ("edad_a", "50")], &["edad_a"]);
        check(&[("medico", "1 OR 1=1")], &["medico"]);
        check(&[("vino", "primera")], &["periodo"]);
        check(&[("periodo", "0")], &["periodo"]);
        check(&[("periodo", "fechas"), ("desde", "31/02/2026"), ("hasta", "1/3/2026")], &["desde"]);
        check(&[("periodo", "fechas"), ("desde", "2/3/2026"), ("hasta", "1/3/2026")], &["hasta"]);
        check(&[("periodo", "fechas"), ("desde", "1/1/1900"), ("hasta", "1/1/2199")], &["hasta"]);
        let many: Vec<String> = (0..9).map(|n| format!("dx:5A1{n}:hoy")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|code| ("c", code.as_str())).collect();
        check(&many, &["condiciones"]);
        check(&[("c", "dx:5A11:hoy"), ("c", "no:dx:5A11:hoy")], &["condiciones"]);
        for clause in [
            "dx:5A11",
            "dx:%:hoy",
            "dx:5A11:hoy:hoy",
            "no:no:dx:5A11:hoy",
            "capitulo:I:hoy",
            "rx:hoy:",
            "valor:4548-4:ultimo:ge:nueve",
            "valor:4548-4:ultimo:ge:-1",
            "valor:bp_systolic:ultimo:ge:9000",
            "valor:4548-4:ultimo:ge:09",
            "sql:SELECT 1",
        ] {
            check(&[("c", clause)], &["condiciones"]);
        }
        let long = format!("rx:hoy:{}", "a".repeat(300));
        check(&[("c", &long)], &["condiciones"]);
    }
}
