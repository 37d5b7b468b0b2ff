//! The documents as data: their sections in the order of the norm, and the header block every one of them carries.

use clinical::document::DocumentKind;
use clinical::draft::SectionId;
use clinical::observation::VitalKind;

use crate::citation::Citation;

/// When a section must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Obligation {
    /// Always: signing waits for it.
    Required,
    /// When the physician judges it necessary, or when its condition holds; its absence is not reported.
    WhenClinicallyNeeded,
    /// Free.
    Optional,
}

/// The part of a SOAP note a section belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Interrogatorio.
    Subjective,
    /// Exploración, mediciones y estudios.
    Objective,
    /// Diagnósticos y pronóstico.
    Assessment,
    /// Tratamiento e indicaciones.
    Plan,
}

impl Group {
    /// The words on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Subjective => "Interrogatorio",
            Self::Objective => "Exploración y estudios",
            Self::Assessment => "Diagnósticos y pronóstico",
            Self::Plan => "Tratamiento e indicaciones",
        }
    }
}

/// What satisfies a required section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilledBy {
    /// Anything said in the section.
    Items,
    /// A diagnosis that is not ruled out, or anything said in the section.
    Diagnoses,
    /// All of these measurements anywhere in the document, or anything said in the section.
    Measurements(&'static [VitalKind]),
    /// The patient's identity in the header; its gaps are reported there.
    Identity,
}

/// One section of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionDefinition {
    /// Identifier, equal to [`clinical::draft::SectionId`].
    pub id: &'static str,
    /// Heading.
    pub label: &'static str,
    /// Numeral of NOM-004, only where it is confirmed (grades T and S of the reference).
    pub numeral: Option<&'static str>,
    /// When it must be there.
    pub obligation: Obligation,
    /// What to write, for the empty section on screen.
    pub hint: &'static str,
    /// The part of the SOAP note.
    pub group: Group,
    /// What satisfies it.
    pub filled_by: FilledBy,
    /// The message when it is required and empty.
    pub missing: &'static str,
}

impl SectionDefinition {
    /// The confirmed place in the norm.
    #[must_use]
    pub fn citation(&self) -> Option<Citation> {
        self.numeral.map(Citation::nom004)
    }
}

/// A document as the norm describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentDefinition {
    /// Which document.
    pub kind: DocumentKind,
    /// Its title on screens and paper.
    pub title: &'static str,
    /// Numeral of NOM-004 that asks for it, where one does.
    pub numeral: Option<&'static str>,
    /// Its sections, in order.
    pub sections: &'static [SectionDefinition],
}

impl DocumentDefinition {
    /// The section of this document with that identifier.
    #[must_use]
    pub fn section(&self, id: &SectionId) -> Option<&'static SectionDefinition> {
        self.sections.iter().find(|section| section.id == id.0)
    }
}

/// The definition of a kind of document.
#[must_use]
pub fn definition(kind: DocumentKind) -> &'static DocumentDefinition {
    match kind {
        DocumentKind::ClinicalHistory => &CLINICAL_HISTORY,
        DocumentKind::ProgressNote => &PROGRESS_NOTE,
        DocumentKind::Prescription => &PRESCRIPTION,
        DocumentKind::Addendum => &ADDENDUM,
    }
}

/// The section of any document with this identifier.
#[must_use]
pub fn section(id: &str) -> Option<&'static SectionDefinition> {
    DocumentKind::ALL.into_iter().flat_map(|kind| definition(kind).sections).find(|section| section.id == id)
}

use FilledBy::{Diagnoses, Identity, Items, Measurements};
use Group::{Assessment, Objective, Plan, Subjective};
use Obligation::{Required, WhenClinicallyNeeded};

/// One row of a definition table, in reading order: id, label, numeral, obligation, group, filled by, hint, missing.
macro_rules! sections {
    ($($id:literal, $label:literal, $numeral:expr, $obligation:expr, $group:expr, $filled:expr,
       $hint:literal, $missing:literal;)*) => {
        &[$(SectionDefinition {
            id: $id, label: $label, numeral: $numeral, obligation: $obligation, hint: $hint,
            group: $group, filled_by: $filled, missing: $missing,
        }),*]
    };
}

/// Nota de evolución, NOM-004 6.2 (reference, table NEV). The exploration has no numeral of its own.
const PROGRESS_NOTE: DocumentDefinition = DocumentDefinition {
    kind: DocumentKind::ProgressNote,
    title: "Nota de evolución",
    numeral: Some("6.2"),
    sections: sections! {
        "ev.evolucion", "Evolución y actualización del cuadro clínico", Some("6.2.1"), Required, Subjective, Items,
            "Qué refiere el paciente, desde cuándo y cómo ha cambiado; consumo de tabaco, alcohol u otras sustancias, en su caso",
            "Falta la evolución del cuadro clínico.";
        "ev.signos", "Signos vitales", Some("6.2.2"), WhenClinicallyNeeded, Objective,
            Measurements(&[]),
            "Los que considere necesarios en esta consulta", "Faltan los signos vitales.";
        "ev.exploracion", "Exploración física", None, WhenClinicallyNeeded, Objective, Items,
            "Hallazgos de la exploración, con su lado", "Falta la exploración física.";
        "ev.resultados", "Resultados de los estudios", Some("6.2.3"), WhenClinicallyNeeded, Objective, Items,
            "Resultados relevantes de los estudios solicitados antes", "Faltan los resultados de los estudios.";
        "ev.diagnosticos", "Diagnósticos o problemas clínicos", Some("6.2.4"), Required, Assessment, Diagnoses,
            "El diagnóstico o el problema clínico en estudio", "Falta el diagnóstico o problema clínico.";
        "ev.pronostico", "Pronóstico", Some("6.2.5"), Required, Assessment, Items,
            "Su juicio sobre el curso esperado", "Falta el pronóstico.";
        "ev.tratamiento", "Tratamiento e indicaciones médicas", Some("6.2.6"), Required, Plan, Items,
            "Medicamentos con dosis, vía y periodicidad; indicaciones y próxima cita",
            "Falta el tratamiento o las indicaciones médicas.";
    },
};

/// Historia clínica, NOM-004 6.1 (reference, table HC). The order is the norm's and may not change.
const CLINICAL_HISTORY: DocumentDefinition = DocumentDefinition {
    kind: DocumentKind::ClinicalHistory,
    title: "Historia clínica",
    numeral: Some("6.1"),
    sections: sections! {
        "hc.ficha", "Ficha de identificación", Some("6.1.1"), Required, Subjective, Identity,
            "Se toma de los datos del paciente", "Faltan datos de la ficha de identificación.";
        "hc.grupo_etnico", "Grupo étnico", Some("6.1.1"), WhenClinicallyNeeded, Subjective, Items,
            "En su caso", "Falta el grupo étnico.";
        "hc.ahf", "Antecedentes heredo-familiares", Some("6.1.1"), Required, Subjective, Items,
            "Enfermedades de padres, hermanos, abuelos e hijos", "Faltan los antecedentes heredo-familiares.";
        "hc.app", "Antecedentes personales patológicos", Some("6.1.1"), Required, Subjective, Items,
            "Enfermedades, cirugías, alergias, transfusiones, hospitalizaciones",
            "Faltan los antecedentes personales patológicos.";
        "hc.app_sustancias", "Uso y dependencia de tabaco, alcohol y otras sustancias psicoactivas", Some("6.1.1"),
            Required, Subjective, Items,
            "Qué consume o consumió, cuánto y desde cuándo; o que lo niega",
            "Falta el consumo de tabaco, alcohol y otras sustancias.";
        "hc.apnp", "Antecedentes personales no patológicos", Some("6.1.1"), Required, Subjective, Items,
            "Vivienda, alimentación, actividad física, vacunas, ocupación",
            "Faltan los antecedentes personales no patológicos.";
        "hc.padecimiento_actual", "Padecimiento actual", Some("6.1.1"), Required, Subjective, Items,
            "Motivo de la consulta, inicio y evolución", "Falta el padecimiento actual.";
        "hc.tratamientos_previos", "Tratamientos previos", Some("6.1.1"), Required, Subjective, Items,
            "Convencionales, alternativos y tradicionales; o que no ha recibido",
            "Faltan los tratamientos previos (convencionales, alternativos y tradicionales).";
        "hc.aparatos_sistemas", "Interrogatorio por aparatos y sistemas", Some("6.1.1"), Required, Subjective, Items,
            "Por aparato o sistema, también lo que niega", "Falta el interrogatorio por aparatos y sistemas.";
        "hc.habitus", "Habitus exterior", Some("6.1.2"), Required, Objective, Items,
            "Aspecto general, edad aparente, marcha, estado de alerta", "Falta el habitus exterior.";
        "hc.sv_temp", "Temperatura", Some("6.1.2"), Required, Objective, Measurements(&[VitalKind::Temperature]),
            "En °C", "Falta la temperatura.";
        "hc.sv_ta", "Tensión arterial", Some("6.1.2"), Required, Objective,
            Measurements(&[VitalKind::BpSystolic, VitalKind::BpDiastolic]), "En mmHg", "Falta la tensión arterial.";
        "hc.sv_fc", "Frecuencia cardiaca", Some("6.1.2"), Required, Objective, Measurements(&[VitalKind::HeartRate]),
            "Por minuto", "Falta la frecuencia cardiaca.";
        "hc.sv_fr", "Frecuencia respiratoria", Some("6.1.2"), Required, Objective,
            Measurements(&[VitalKind::RespiratoryRate]), "Por minuto", "Falta la frecuencia respiratoria.";
        "hc.peso", "Peso", Some("6.1.2"), Required, Objective, Measurements(&[VitalKind::Weight]),
            "En kg", "Falta el peso.";
        "hc.talla", "Talla", Some("6.1.2"), Required, Objective, Measurements(&[VitalKind::Height]),
            "En m", "Falta la talla.";
        "hc.ef_cabeza", "Cabeza", Some("6.1.2"), Required, Objective, Items,
            "Hallazgos, o por qué no se exploró", "Falta la exploración de cabeza.";
        "hc.ef_cuello", "Cuello", Some("6.1.2"), Required, Objective, Items,
            "Hallazgos, o por qué no se exploró", "Falta la exploración de cuello.";
        "hc.ef_torax", "Tórax", Some("6.1.2"), Required, Objective, Items,
            "Hallazgos, o por qué no se exploró", "Falta la exploración de tórax.";
        "hc.ef_abdomen", "Abdomen", Some("6.1.2"), Required, Objective, Items,
            "Hallazgos, o por qué no se exploró", "Falta la exploración de abdomen.";
        "hc.ef_miembros", "Miembros", Some("6.1.2"), Required, Objective, Items,
            "Hallazgos, o por qué no se exploró", "Falta la exploración de miembros.";
        "hc.ef_genitales", "Genitales", Some("6.1.2"), Required, Objective, Items,
            "Hallazgos, o por qué no se exploró", "Falta la exploración de genitales.";
        "hc.estudios", "Resultados previos y actuales de estudios", None, Required, Objective, Items,
            "Laboratorio, gabinete y otros; o que no cuenta con ellos",
            "Faltan los resultados de estudios, o anotar que no los hay.";
        "hc.diagnosticos", "Diagnósticos o problemas clínicos", Some("6.1.4"), Required, Assessment, Diagnoses,
            "El diagnóstico o el problema clínico en estudio", "Falta el diagnóstico o problema clínico.";
        "hc.pronostico", "Pronóstico", Some("6.1.5"), Required, Assessment, Items,
            "Su juicio sobre el curso esperado", "Falta el pronóstico.";
        "hc.indicacion", "Indicación terapéutica", None, Required, Plan, Items,
            "Medicamentos con dosis, vía y periodicidad; indicaciones y próxima cita",
            "Falta la indicación terapéutica.";
    },
};

/// Receta médica: its elements belong to each medicine, not to sections.
const PRESCRIPTION: DocumentDefinition = DocumentDefinition {
    kind: DocumentKind::Prescription,
    title: "Receta médica",
    numeral: None,
    sections: &[],
};

/// Nota aclaratoria: the project's reading of 5.11, not a numeral of the norm.
const ADDENDUM: DocumentDefinition = DocumentDefinition {
    kind: DocumentKind::Addendum,
    title: "Nota aclaratoria (adenda)",
    numeral: None,
    sections: sections! {
        "ade.motivo", "Motivo de la aclaración", None, Required, Assessment, Items,
            "Por qué hace falta corregir o completar", "Falta el motivo de la aclaración.";
        "ade.texto", "Aclaración", None, Required, Assessment, Items,
            "Lo que se corrige o se agrega", "Falta el texto de la aclaración.";
    },
};

/// Names a field of the header block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderElement {
    /// Tipo de establecimiento.
    EstablishmentKind,
    /// Nombre del establecimiento.
    EstablishmentName,
    /// Domicilio del establecimiento.
    EstablishmentAddress,
    /// Razón o denominación social del propietario.
    EstablishmentOwner,
    /// Nombre completo del paciente.
    PatientName,
    /// Sexo.
    PatientSex,
    /// Edad.
    PatientAge,
    /// Domicilio del paciente.
    PatientAddress,
    /// Número de expediente.
    RecordNumber,
    /// Nombre completo de quien elabora.
    AuthorName,
    /// Cédula profesional.
    AuthorLicense,
    /// Institución que expidió el título.
    AuthorInstitution,
}

/// One field of the header block HDR that a document cannot go without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderField {
    /// Which.
    pub element: HeaderElement,
    /// Identifier of the reference, for example `hdr.pac_nombre`.
    pub id: &'static str,
    /// Label on screens.
    pub label: &'static str,
    /// Who asks for it.
    pub citation: Citation,
    /// Whether each document needs it, or the record as a whole does.
    pub on_each_document: bool,
    /// The message when it is absent.
    pub missing: &'static str,
}

macro_rules! header {
    ($($element:ident, $id:literal, $label:literal, $citation:expr, $each:literal, $missing:literal;)*) => {
        &[$(HeaderField {
            element: HeaderElement::$element, id: $id, label: $label, citation: $citation,
            on_each_document: $each, missing: $missing,
        }),*]
    };
}

/// The header block HDR (reference, section 4). Date, time and signature are not here: signing gives them.
pub const HEADER: &[HeaderField] = header! {
    EstablishmentKind, "hdr.est_tipo", "Tipo de establecimiento", Citation::nom004("5.2.1"), true,
        "Falta el tipo de establecimiento.";
    EstablishmentName, "hdr.est_nombre", "Nombre del establecimiento", Citation::nom004("5.2.1"), true,
        "Falta el nombre del establecimiento.";
    EstablishmentAddress, "hdr.est_domicilio", "Domicilio del establecimiento", Citation::nom004("5.2.1"), true,
        "Falta el domicilio del establecimiento.";
    EstablishmentOwner, "hdr.est_razon_social", "Razón o denominación social del propietario",
        Citation::nom004("5.2.2"), true, "Falta la razón social del propietario del establecimiento.";
    PatientName, "hdr.pac_nombre", "Nombre completo del paciente", Citation::nom004("5.9"), true,
        "Falta el nombre completo del paciente.";
    PatientSex, "hdr.pac_sexo", "Sexo", Citation::nom004("5.9"), true, "Falta el sexo del paciente.";
    PatientAge, "hdr.pac_edad", "Edad", Citation::nom004("5.9"), true, "Falta la edad del paciente.";
    PatientAddress, "hdr.pac_domicilio", "Domicilio del paciente", Citation::nom004("5.2.3"), false,
        "Falta el domicilio del paciente en el expediente.";
    RecordNumber, "hdr.expediente", "Número de expediente", Citation::nom004("5.9"), true,
        "Falta el número de expediente.";
    AuthorName, "hdr.autor_nombre", "Nombre completo de quien elabora", Citation::nom004("5.10"), true,
        "Falta el nombre completo de quien elabora.";
    AuthorLicense, "hdr.autor_cedula", "Cédula profesional", Citation::lgs("83"), true,
        "Falta la cédula profesional de quien elabora.";
    AuthorInstitution, "hdr.autor_inst_titulo", "Institución que expidió el título", Citation::lgs("83"), true,
        "Falta la institución que expidió el título profesional.";
};
