//! Medicines taken and prescribed: a dose has a unit, a frequency has a meaning, what was not said stays absent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::observation::Amount;

macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $one:literal, $many:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[doc = $one] #[serde(rename = $code)] $variant,)* }

        impl $name {
            /// All values in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Stored and posted word.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Reads the stored word.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The words on screens and documents, for one.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $one),* }
            }

            /// The words on screens and documents, for several.
            #[must_use]
            pub fn plural(self) -> &'static str {
                match self { $(Self::$variant => $many),* }
            }
        }
    };
}

coded! {
    /// Unit of one administration. Codes of measured units are UCUM-like; counted forms carry their Spanish name.
    DoseUnit {
        Milligram = "mg", "mg", "mg";
        Gram = "g", "g", "g";
        Microgram = "mcg", "mcg", "mcg";
        Milliliter = "ml", "ml", "ml";
        InternationalUnit = "UI", "unidad", "unidades";
        Milliequivalent = "mEq", "mEq", "mEq";
        MilligramPerKilogram = "mg/kg", "mg por kg", "mg por kg";
        UnitPerKilogram = "UI/kg", "unidad por kg", "unidades por kg";
        Percent = "%", "%", "%";
        Tablet = "tableta", "tableta", "tabletas";
        Capsule = "cápsula", "cápsula", "cápsulas";
        Drop = "gota", "gota", "gotas";
        Teaspoon = "cucharadita", "cucharadita", "cucharaditas";
        Tablespoon = "cucharada", "cucharada", "cucharadas";
        Puff = "inhalación", "inhalación", "inhalaciones";
        Spray = "disparo", "disparo", "disparos";
        Application = "aplicación", "aplicación", "aplicaciones";
        Patch = "parche", "parche", "parches";
        Ampoule = "ampolleta", "ampolleta", "ampolletas";
        Vial = "frasco", "frasco", "frascos";
        Sachet = "sobre", "sobre", "sobres";
        Suppository = "supositorio", "supositorio", "supositorios";
        Ovule = "óvulo", "óvulo", "óvulos";
        Glass = "vaso", "vaso", "vasos";
        Nebulization = "nebulización", "nebulización", "nebulizaciones";
        Dose = "dosis", "dosis", "dosis";
    }
}

coded! {
    /// Vía de administración (NOM-004 6.2.6; RIS 30).
    Route {
        Oral = "oral", "oral", "oral";
        Sublingual = "sublingual", "sublingual", "sublingual";
        Intravenous = "intravenosa", "intravenosa", "intravenosa";
        Intramuscular = "intramuscular", "intramuscular", "intramuscular";
        Subcutaneous = "subcutánea", "subcutánea", "subcutánea";
        Topical = "tópica", "tópica", "tópica";
        Transdermal = "transdérmica", "transdérmica", "transdérmica";
        Inhaled = "inhalada", "inhalada", "inhalada";
        Nasal = "nasal", "nasal", "nasal";
        Ophthalmic = "oftálmica", "oftálmica", "oftálmica";
        Otic = "ótica", "ótica", "ótica";
        Rectal = "rectal", "rectal", "rectal";
        Vaginal = "vaginal", "vaginal", "vaginal";
        Intradermal = "intradérmica", "intradérmica", "intradérmica";
        Intraarticular = "intraarticular", "intraarticular", "intraarticular";
    }
}

/// One administration: how much, of what unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dose {
    /// How much; above zero.
    pub amount: Amount,
    /// Of what.
    pub unit: DoseUnit,
}

/// Why a dose was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("La dosis debe ser mayor que cero")]
pub struct InvalidDose;

impl Dose {
    /// A dose above zero.
    ///
    /// # Errors
    /// [`InvalidDose`] for zero or less.
    pub fn new(amount: Amount, unit: DoseUnit) -> Result<Self, InvalidDose> {
        if amount.is_positive() { Ok(Self { amount, unit }) } else { Err(InvalidDose) }
    }
}

impl Dose {
    /// As it is said to a patient: halves and quarters of pieces in words ("media tableta", "1 tableta y media").
    #[must_use]
    pub fn in_plain_words(self) -> String {
        let feminine = self.unit.label().ends_with('a');
        let half = if feminine { "media" } else { "medio" };
        let (whole, part) = (self.amount.ten_thousandths() / 10_000, self.amount.ten_thousandths() % 10_000);
        let piece = matches!(
            self.unit,
            DoseUnit::Tablet
                | DoseUnit::Teaspoon
                | DoseUnit::Tablespoon
                | DoseUnit::Ampoule
                | DoseUnit::Sachet
                | DoseUnit::Patch
                | DoseUnit::Suppository
                | DoseUnit::Glass
        );
        let said = match part {
            5_000 => half,
            2_500 => "un cuarto",
            7_500 => "tres cuartos",
            _ => "",
        };
        let noun = self.unit.label();
        match (piece && !said.is_empty(), whole) {
            (false, _) => self.to_string(),
            (true, 0) if part == 5_000 => format!("{half} {noun}"),
            (true, 0) => format!("{said} de {noun}"),
            (true, 1) => format!("1 {noun} y {said}"),
            (true, _) => format!("{whole} {} y {said}", self.unit.plural()),
        }
    }
}

impl fmt::Display for Dose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.amount > Amount::whole(1) { self.unit.plural() } else { self.unit.label() };
        write!(f, "{} {word}", self.amount)
    }
}

/// Periodicidad: how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Frequency {
    /// Every so many hours; 24 is once a day, 168 once a week.
    EveryHours(u16),
    /// A single administration.
    Once,
    /// A scheme that hours do not describe, in words ("5 unidades antes de cada comida").
    Schedule(String),
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EveryHours(168) => f.write_str("cada semana"),
            Self::EveryHours(hours) if *hours > 24 && hours.is_multiple_of(24) => {
                write!(f, "cada {} días", hours / 24)
            }
            Self::EveryHours(1) => f.write_str("cada hora"),
            Self::EveryHours(hours) => write!(f, "cada {hours} horas"),
            Self::Once => f.write_str("dosis única"),
            Self::Schedule(words) => f.write_str(words),
        }
    }
}

coded! {
    /// What happens to a medicine in this visit.
    RequestAction {
        Start = "start", "Inicia", "Inician";
        Continue = "continue", "Continúa", "Continúan";
        Change = "change", "Cambia", "Cambian";
        Stop = "stop", "Suspende", "Suspenden";
    }
}

coded! {
    /// Sale group (fracción) of LGS 226 as the box of the product states it: the one that binds.
    Fraction {
        I = "I", "fracción I", "fracción I";
        II = "II", "fracción II", "fracción II";
        III = "III", "fracción III", "fracción III";
        IV = "IV", "fracción IV", "fracción IV";
        V = "V", "fracción V", "fracción V";
        VI = "VI", "fracción VI", "fracción VI";
    }
}

/// How much is dispensed, and whether somebody wrote it or it follows from the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// "1 caja con 20 tabletas", "hasta 15 tabletas".
    pub text: String,
    /// Whether it was computed.
    pub computed: bool,
}

/// What the physician says to the pharmacy about a line. Nothing of it is guessed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dispensing {
    /// The fracción printed on the box, when the physician knows it; otherwise that of the substance is assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<Fraction>,
    /// How many times the receta may be filled, for fracciones III and IV (LGS 226); at least once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fills: Option<u8>,
    /// Whether the pharmacy may hand out another brand of the same generic (RIS 31); without it the brand binds.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_substitute: bool,
    /// Folio of the official special receta that was written by hand, for fracción I (LGS 241).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_folio: Option<String>,
}

impl Dispensing {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Indicación terapéutica: one line of treatment. Fields nobody said are absent, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MedicationRequest {
    /// Denominación genérica in Spanish (LGS 225-226: always required).
    pub medicine: String,
    /// International names of its ingredients, for the safety check; empty when the medicine is not in the catalogue.
    #[serde(default)]
    pub ingredients: Vec<String>,
    /// Denominación distintiva, only if the physician wants it.
    pub brand: Option<String>,
    /// Presentación: form, strength and content.
    pub presentation: Option<String>,
    /// Dosis of one administration.
    pub dose: Option<Dose>,
    /// Vía de administración.
    pub route: Option<Route>,
    /// Periodicidad.
    pub frequency: Option<Frequency>,
    /// Duración in days.
    pub duration_days: Option<u16>,
    /// Only when needed ("en caso de dolor").
    pub as_needed: bool,
    /// Cantidad a surtir.
    pub quantity: Option<String>,
    /// Further instructions in words.
    pub instructions: Option<String>,
    /// What the pharmacy is told.
    #[serde(default, skip_serializing_if = "Dispensing::is_empty")]
    pub dispensing: Dispensing,
    /// Start, continue, change or stop.
    pub action: RequestAction,
}

impl MedicationRequest {
    /// A line with only the name of the medicine.
    #[must_use]
    pub fn named(medicine: &str, action: RequestAction) -> Self {
        Self {
            medicine: medicine.to_owned(),
            ingredients: Vec::new(),
            brand: None,
            presentation: None,
            dose: None,
            route: None,
            frequency: None,
            duration_days: None,
            as_needed: false,
            quantity: None,
            instructions: None,
            dispensing: Dispensing::default(),
            action,
        }
    }

    /// Duration in words: "7 días", "1 día".
    #[must_use]
    pub fn duration_text(&self) -> Option<String> {
        self.duration_days.map(|days| if days == 1 { "1 día".to_owned() } else { format!("{days} días") })
    }

    /// Whether it is taken only when needed and the instructions do not begin by saying so: "solo si hay dolor".
    #[must_use]
    pub fn as_needed_unsaid(&self) -> bool {
        let words = self.instructions.as_deref().unwrap_or_default().trim_start().to_lowercase();
        self.as_needed && !words.starts_with("solo si ") && !words.starts_with("sólo si ")
    }

    /// Cantidad a surtir, each time it is filled: as written; otherwise computed, where the line tells enough
    /// ([`supply`](crate::supply::supply)).
    #[must_use]
    pub fn to_dispense(&self) -> Option<Quantity> {
        let written = self.quantity.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = written {
            return Some(Quantity { text: text.to_owned(), computed: false });
        }
        if !self.is_prescribed() {
            return None;
        }
        let text =
            crate::supply::supply(self).ok()?.each_time(self.dispensing.fills.unwrap_or(1)).to_string();
        Some(Quantity { text: if self.as_needed { format!("hasta {text}") } else { text }, computed: true })
    }

    /// Whether it goes on the receta: everything but what is stopped.
    #[must_use]
    pub fn is_prescribed(&self) -> bool {
        self.action != RequestAction::Stop
    }
}

impl MedicationRequest {
    /// The line in words for the patient: "Tome paracetamol, 2 tabletas, cada 8 horas, durante 3 días."
    ///
    /// Nothing is added: the verb and the way in follow from the route.
    #[must_use]
    pub fn for_patient(&self) -> String {
        let (verb, way) = in_plain_words(self.route);
        let first = match self.action {
            RequestAction::Stop => return format!("Ya no use {}.", self.medicine),
            RequestAction::Continue => format!("Siga usando {}", self.medicine),
            RequestAction::Start | RequestAction::Change => format!("{verb} {}", self.medicine),
        };
        let of = self.presentation.as_ref().map(|presentation| format!(" ({presentation})"));
        let mut parts = vec![first + of.as_deref().unwrap_or_default()];
        parts.extend(self.dose.map(Dose::in_plain_words));
        parts.extend(way.map(str::to_owned));
        parts.extend(self.frequency.as_ref().map(|frequency| match frequency {
            Frequency::Once => "una sola vez".to_owned(),
            other => other.to_string(),
        }));
        parts.extend(self.duration_text().map(|duration| format!("durante {duration}")));
        if self.as_needed_unsaid() {
            parts.push("solo si lo necesita".to_owned());
        }
        let said = format!("{}.", parts.join(", "));
        match self.instructions.as_ref().map(|words| words.trim_end_matches('.')) {
            Some(more) => {
                let mut letters = more.chars();
                let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
                format!("{said} {first}{}.", letters.as_str())
            }
            None => said,
        }
    }
}

/// The verb of a route, and where it goes in.
fn in_plain_words(route: Option<Route>) -> (&'static str, Option<&'static str>) {
    match route {
        Some(Route::Oral) => ("Tome", None),
        Some(Route::Sublingual) => ("Póngase", Some("debajo de la lengua")),
        Some(Route::Topical | Route::Transdermal) => ("Póngase", Some("en la piel")),
        Some(Route::Inhaled) => ("Inhale", None),
        Some(Route::Nasal) => ("Aplíquese", Some("en la nariz")),
        Some(Route::Ophthalmic) => ("Aplíquese", Some("en el ojo que se le indicó")),
        Some(Route::Otic) => ("Aplíquese", Some("en el oído que se le indicó")),
        Some(Route::Rectal) => ("Aplíquese", Some("por el recto")),
        Some(Route::Vaginal) => ("Aplíquese", Some("en la vagina")),
        Some(Route::Subcutaneous) => ("Aplíquese", Some("debajo de la piel")),
        Some(Route::Intravenous | Route::Intramuscular | Route::Intradermal | Route::Intraarticular) => {
            ("Se le aplica", Some("inyectado"))
        }
        None => ("Use", None),
    }
}

impl fmt::Display for MedicationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            RequestAction::Stop => write!(f, "Se suspende {}", self.medicine)?,
            RequestAction::Continue => write!(f, "Continúa {}", self.medicine)?,
            RequestAction::Change => write!(f, "Se ajusta {}", self.medicine)?,
            RequestAction::Start => {
                let mut letters = self.medicine.chars();
                let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
                write!(f, "{first}{}", letters.as_str())?;
            }
        }
        if let Some(presentation) = &self.presentation {
            write!(f, " ({presentation})")?;
        }
        if let Some(dose) = self.dose {
            write!(f, " {dose}")?;
        }
        if let Some(route) = self.route {
            write!(f, ", vía {}", route.label())?;
        }
        if let Some(frequency) = &self.frequency {
            write!(f, ", {frequency}")?;
        }
        if let Some(duration) = self.duration_text() {
            write!(f, ", por {duration}")?;
        }
        if self.as_needed {
            f.write_str(", solo si lo necesita")?;
        }
        if let Some(instructions) = &self.instructions {
            write!(f, "; {}", instructions.trim_end_matches('.'))?;
        }
        f.write_str(".")
    }
}

/// A medicine the patient takes, in the summary of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MedicationStatement {
    /// Generic name in Spanish.
    pub medicine: String,
    /// International names of its ingredients.
    #[serde(default)]
    pub ingredients: Vec<String>,
    /// How it is taken, in words ("500 mg cada 12 horas").
    pub taken: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_the_patient_says_what_to_do_in_plain_words() {
        let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
        request.dose = Some(Dose::new(Amount::whole(2), DoseUnit::Tablet).unwrap());
        request.route = Some(Route::Oral);
        request.frequency = Some(Frequency::EveryHours(8));
        request.duration_days = Some(3);
        assert_eq!(request.for_patient(), "Tome paracetamol, 2 tabletas, cada 8 horas, durante 3 días.");
        request.dose = Some(Dose::new("0.5".parse().unwrap(), DoseUnit::Tablet).unwrap());
        assert_eq!(request.for_patient(), "Tome paracetamol, media tableta, cada 8 horas, durante 3 días.");
        request.dose = Some(Dose::new("1.25".parse().unwrap(), DoseUnit::Tablet).unwrap());
        assert!(request.for_patient().contains("1 tableta y un cuarto"));
        request.instructions = Some("solo si hay fiebre".to_owned());
        assert!(request.for_patient().ends_with("durante 3 días. Solo si hay fiebre."));
        request.as_needed = true;
        assert!(request.for_patient().ends_with("durante 3 días. Solo si hay fiebre."));
        request.instructions = Some("con agua".to_owned());
        assert!(request.for_patient().ends_with("durante 3 días, solo si lo necesita. Con agua."));
        request.as_needed = false;
        request.action = RequestAction::Stop;
        assert_eq!(request.for_patient(), "Ya no use paracetamol.");
        assert_eq!(
            MedicationRequest::named("mupirocina", RequestAction::Start).for_patient(),
            "Use mupirocina."
        );
    }

    #[test]
    fn a_prescribed_line_reads_as_a_sentence_and_leaves_out_what_is_absent() {
        let mut request = MedicationRequest::named("paracetamol", RequestAction::Start);
        assert_eq!(request.to_string(), "Paracetamol.");
        request.dose = Some(Dose::new(Amount::whole(500), DoseUnit::Milligram).unwrap());
        request.route = Some(Route::Oral);
        request.frequency = Some(Frequency::EveryHours(8));
        request.duration_days = Some(5);
        request.as_needed = true;
        assert_eq!(
            request.to_string(),
            "Paracetamol 500 mg, vía oral, cada 8 horas, por 5 días, solo si lo necesita."
        );
        assert_eq!(
            MedicationRequest::named("losartán", RequestAction::Stop).to_string(),
            "Se suspende losartán."
        );
    }

    #[test]
    fn counted_forms_agree_in_number() {
        let dose = |amount: &str, unit| Dose::new(amount.parse().unwrap(), unit).unwrap().to_string();
        assert_eq!(dose("1", DoseUnit::Tablet), "1 tableta");
        assert_eq!(dose("0.5", DoseUnit::Tablet), "0.5 tableta");
        assert_eq!(dose("2", DoseUnit::Puff), "2 inhalaciones");
        assert_eq!(Dose::new(Amount::whole(0), DoseUnit::Gram), Err(InvalidDose));
    }

    #[test]
    fn frequencies_are_said_in_the_unit_that_fits() {
        for (frequency, said) in [
            (Frequency::EveryHours(8), "cada 8 horas"),
            (Frequency::EveryHours(1), "cada hora"),
            (Frequency::EveryHours(24), "cada 24 horas"),
            (Frequency::EveryHours(36), "cada 36 horas"),
            (Frequency::EveryHours(48), "cada 2 días"),
            (Frequency::EveryHours(168), "cada semana"),
            (Frequency::EveryHours(72), "cada 3 días"),
            (Frequency::Once, "dosis única"),
        ] {
            assert_eq!(frequency.to_string(), said);
        }
    }
}
