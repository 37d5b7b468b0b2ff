//! A question as a sentence in Spanish, so that nobody has to guess what was counted.

use clinical::calendar::long_date;
use clinical::ids::PractitionerId;
use clinical::laboratory::Comparator;
use clinical::person::Sex;

use super::{Clause, Diagnosed, Fact, Measured, Question, Seen, Span, Visits, When};

/// Something in a question whose name stands in a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// An ICD-11 code: its title.
    Code(&'a str),
    /// The international name of an ingredient: its name in Spanish.
    Ingredient(&'a str),
    /// A LOINC code: the usual name of the analyte.
    Analyte(&'a str),
    /// A LOINC code: the unit of the analyte.
    Unit(&'a str),
    /// The code of a control.
    Control(&'a str),
    /// A professional.
    Practitioner(PractitionerId),
}

impl Question {
    /// The whole question: "Mujeres de 40 a 69 años con «Diabetes mellitus de tipo 2» (5A11) como problema activo y con
    /// pendiente: mastografía".
    #[must_use]
    pub fn sentence(&self, name: &dyn Fn(Named<'_>) -> String) -> String {
        let mut sentence = match self.sex {
            None => "Pacientes",
            Some(Sex::Female) => "Mujeres",
            Some(Sex::Male) => "Hombres",
            Some(Sex::Intersex) => "Personas intersexuales",
            Some(Sex::Undetermined) => "Personas con sexo no determinado",
        }
        .to_owned();
        let years = |n: u8| if n == 1 { "1 año".to_owned() } else { format!("{n} años") };
        sentence += &match self.ages.ends() {
            (None, None) => String::new(),
            (Some(from), None) => format!(" de {} o más", years(from)),
            (None, Some(until)) => format!(" de {} o menos", years(until)),
            (Some(from), Some(until)) if from == until => format!(" de {}", years(from)),
            (Some(from), Some(until)) => format!(" de {from} a {}", years(until)),
        };
        let seen = self.seen.map(|seen| seen_in_words(seen, self.span, name));
        let all: Vec<String> =
            seen.into_iter().chain(self.clauses.iter().map(|own| own.words(self.span, name))).collect();
        if let Some((last, before)) = all.split_last() {
            let before = if before.is_empty() { String::new() } else { format!("{} y ", before.join(", ")) };
            sentence += &format!(" {before}{last}");
        }
        sentence
    }
}

/// "en los últimos 12 meses"; for all there is, `always`.
fn span_in_words(span: Span, always: &str) -> String {
    match span {
        Span::Always => always.to_owned(),
        Span::Months(1) => "en el último mes".to_owned(),
        Span::Months(months) => format!("en los últimos {months} meses"),
        Span::Days { from, until } if from == until => format!("el {}", long_date(from)),
        Span::Days { from, until } => format!("del {} al {}", long_date(from), long_date(until)),
    }
}

fn seen_in_words(seen: Seen, span: Span, name: &dyn Fn(Named<'_>) -> String) -> String {
    let when = span_in_words(span, "alguna vez");
    let by = seen.by.map(|by| format!(" con {}", name(Named::Practitioner(by)))).unwrap_or_default();
    match seen.how {
        Visits::Any => format!("que tuvieron consulta{by} {when}"),
        Visits::First => format!("que tuvieron consulta{by} {when}, sin ninguna anterior"),
        Visits::Again => format!("que tuvieron consulta{by} {when} y otra anterior"),
    }
}

impl Clause {
    /// The condition alone: "con receta de metformina en los últimos 12 meses".
    #[must_use]
    pub fn words(&self, span: Span, name: &dyn Fn(Named<'_>) -> String) -> String {
        let with = if self.denied { "sin" } else { "con" };
        let within = || span_in_words(span, "en cualquier fecha");
        match &self.fact {
            Fact::Diagnosis { what, when } => {
                let what = match what {
                    Diagnosed::Code(code) => {
                        format!("«{}» ({})", name(Named::Code(code.as_str())), code.as_str())
                    }
                    Diagnosed::Chapter(own) => {
                        format!("algo del capítulo {} de la CIE-11, {}", own.number, own.name.to_lowercase())
                    }
                };
                match (when, self.denied) {
                    (When::Now, _) => format!("{with} {what} como problema activo"),
                    (When::Ever, false) => format!("con {what} alguna vez"),
                    (When::Ever, true) => format!("sin {what} en ninguna fecha"),
                    (When::Within, _) => format!("{with} diagnóstico de {what} {}", within()),
                }
            }
            Fact::Medicine { ingredient, when } => {
                let medicine = name(Named::Ingredient(ingredient.as_str()));
                match (when, self.denied) {
                    (When::Now, false) => format!("que toman {medicine}"),
                    (When::Now, true) => format!("que no toman {medicine}"),
                    (When::Ever, false) => format!("que alguna vez tomaron {medicine}"),
                    (When::Ever, true) => format!("que nunca tomaron {medicine}"),
                    (When::Within, _) => format!("{with} receta de {medicine} {}", within()),
                }
            }
            Fact::Value { what, test } => {
                let (what, unit) = match what {
                    Measured::Vital(kind) => (kind.label().to_lowercase(), kind.unit().to_owned()),
                    Measured::Result(loinc) => {
                        (name(Named::Analyte(loinc.as_str())), name(Named::Unit(loinc.as_str())))
                    }
                };
                let Some(test) = test else { return format!("{with} registro de {what} {}", within()) };
                let amount = format!("{} {unit}", test.amount);
                let much = match test.how {
                    Comparator::AtLeast => format!("de {amount} o más"),
                    Comparator::More => format!("mayor de {amount}"),
                    Comparator::AtMost => format!("de {amount} o menos"),
                    Comparator::Less => format!("menor de {amount}"),
                };
                let which = match (test.last, self.denied) {
                    (true, _) => "último valor",
                    (false, false) => "algún valor",
                    (false, true) => "ningún valor",
                };
                format!("{with} {what} {much} ({which} {})", within())
            }
            Fact::Lacking(control) => format!("{with} pendiente: {}", name(Named::Control(control.as_str()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(named: Named<'_>) -> String {
        match named {
            Named::Code("5A11") => "Diabetes mellitus de tipo 2",
            Named::Ingredient("metformin") => "metformina",
            Named::Analyte("4548-4") => "hemoglobina glucosilada",
            Named::Unit("4548-4") => "%",
            Named::Control("ca_breast") => "mastografía",
            Named::Practitioner(_) => "Dra. Inés Prueba",
            other => panic!("{other:?}"),
        }
        .to_owned()
    }

    #[test]
    fn a_question_is_said_as_a_person_would_say_it() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Question::from_text(text).unwrap().sentence(&name), expected);
        };
        check("", "Pacientes");
        check(
            "sexo=female\nedad_de=40\nedad_a=69\nc=dx:5A11:hoy\nc=pendiente:ca_breast",
            "Mujeres de 40 a 69 años con «Diabetes mellitus de tipo 2» (5A11) como problema activo y con pendiente: mastografía",
        );
        check(
            "sexo=male\nedad_de=65\nperiodo=12\nc=rx:hoy:metformin\nc=no:valor:4548-4\nc=no:rx:periodo:metformin",
            "Hombres de 65 años o más que toman metformina, sin registro de hemoglobina glucosilada en los últimos 12 meses y sin receta de metformina en los últimos 12 meses",
        );
        check(
            "edad_a=1\nperiodo=1\nvino=primera\nmedico=00000000-0000-0000-0000-000000000001",
            "Pacientes de 1 año o menos que tuvieron consulta con Dra. Inés Prueba en el último mes, sin ninguna anterior",
        );
        check(
            "periodo=fechas\ndesde=2026-01-01\nhasta=2026-03-31\nc=valor:4548-4:ultimo:ge:9\nc=no:valor:weight_kg:alguno:gt:90.5",
            "Pacientes con hemoglobina glucosilada de 9 % o más (último valor del 1 de enero de 2026 al 31 de marzo de 2026) y sin peso mayor de 90.5 kg (ningún valor del 1 de enero de 2026 al 31 de marzo de 2026)",
        );
        check(
            "c=no:capitulo:B:alguna\nc=valor:hr:alguno:lt:50",
            "Pacientes sin algo del capítulo 11 de la CIE-11, sistema circulatorio en ninguna fecha y con frecuencia cardiaca menor de 50 por minuto (algún valor en cualquier fecha)",
        );
    }
}
