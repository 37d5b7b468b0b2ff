//! The header block HDR that every document carries (reference, section 4).

use crate::citation::Citation;

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
