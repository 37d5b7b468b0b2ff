//! The systems, extensions and codes of our resources, in one place. Where HL7 or LOINC has one, theirs is used; the rest
//! is ours, under a name that nobody else can own.

/// CURP: the identifier DGIS uses in its CDA guides.
pub(crate) const CURP: &str = "urn:oid:2.16.840.1.113883.4.629";
/// Number of the expediente.
pub(crate) const RECORD_NUMBER: &str = "https://medicus.example/fhir/sid/expediente";
/// Cédula profesional.
pub(crate) const LICENSE: &str = "https://medicus.example/fhir/sid/cedula-profesional";
/// Number of a certificado de especialidad.
pub(crate) const CERTIFICATE: &str = "https://medicus.example/fhir/sid/certificado-especialidad";
/// A professional as the installation knows them.
pub(crate) const PRACTITIONER: &str = "https://medicus.example/fhir/sid/profesional";
/// CLUES of an establishment.
pub(crate) const CLUES: &str = "https://medicus.example/fhir/sid/clues";
/// Folio of a receta, and identifier of a document.
pub(crate) const DOCUMENT: &str = "https://medicus.example/fhir/sid/documento";

/// Codes of ours: what a thing is in this record.
pub(crate) const OWN_CODES: &str = "https://medicus.example/fhir/CodeSystem/expediente";
/// What is done for patients, by the code of `catalogs/prevention/acts.tsv`.
pub(crate) const CARE_ACTS: &str = "https://medicus.example/fhir/CodeSystem/control";
/// Kinds of document, by the code of their definition.
pub(crate) const DOCUMENT_KINDS: &str = "https://medicus.example/fhir/CodeSystem/documento";

pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";
/// ICD-11 MMS.
pub(crate) const ICD11: &str = "http://id.who.int/icd/release/11/mms";
pub(crate) const ICD10: &str = "http://hl7.org/fhir/sid/icd-10";
pub(crate) const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
pub(crate) const INTERPRETATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
pub(crate) const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
pub(crate) const CONDITION_CERTAINTY: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
pub(crate) const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
pub(crate) const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
pub(crate) const ALLERGY_CERTAINTY: &str =
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
/// Allergies denied, and never asked (IPS).
pub(crate) const ABSENT_UNKNOWN: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
pub(crate) const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
pub(crate) const DIAGNOSTIC_SECTION: &str = "http://terminology.hl7.org/CodeSystem/v2-0074";
pub(crate) const CONSENT_SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
pub(crate) const PROVENANCE_AGENT: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
/// Signature types; the author's is `1.2.840.10065.1.12.1.1`.
pub(crate) const SIGNATURE_TYPE: &str = "urn:iso-astm:E1762-95:2013";
pub(crate) const AUTHOR_SIGNATURE: &str = "1.2.840.10065.1.12.1.1";

/// Surname of the father's side, as HL7 has it; in Mexico the first one.
pub(crate) const FIRST_SURNAME: &str = "http://hl7.org/fhir/StructureDefinition/humanname-fathers-family";
/// The second one.
pub(crate) const SECOND_SURNAME: &str = "http://hl7.org/fhir/StructureDefinition/humanname-mothers-family";
pub(crate) const BIRTH_PLACE: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";
pub(crate) const BIRTH_TIME: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";
pub(crate) const NATIONALITY: &str = "http://hl7.org/fhir/StructureDefinition/patient-nationality";
pub(crate) const INTERPRETER: &str = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";
pub(crate) const TIME_ZONE: &str = "http://hl7.org/fhir/StructureDefinition/timezone";

/// An extension of ours.
macro_rules! own {
    ($($(#[$doc:meta])* $name:ident = $last:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str =
            concat!("https://medicus.example/fhir/StructureDefinition/", $last);)*
    };
}

own! {
    /// Clinical sex as the record keeps it.
    SEX = "sexo";
    /// Sex in the civil registry.
    REGISTERED_SEX = "sexo-registral";
    /// Género as the patient says it.
    GENDER = "genero";
    NO_CURP = "motivo-sin-curp";
    PEOPLE = "pueblo";
    GEO_KEY = "clave-inegi";
    OCCUPATION = "ocupacion";
    MOTHER_NAME = "nombre-de-la-madre";
    /// What tells an unknown patient apart.
    UNKNOWN_LABEL = "senas";
    IDENTITY_DOCUMENT = "documento-de-identidad";
    PROOF = "documento-que-acredita";
    SCOPE = "alcance";
    CLOSED_ON = "cerrado-el";
    /// When it was written into the record, where FHIR has no element for it.
    RECORDED_AT = "registrado-el";
    /// What a trainee learns.
    TRAINEE = "en-formacion";
    /// Where something was done, or how it is known, in words.
    DONE_AT = "donde-se-hizo";
    REACTION_KIND = "tipo-de-reaccion";
    INGREDIENT = "ingrediente";
    BRAND = "denominacion-distintiva";
    PRESENTATION = "presentacion";
    ACTION = "accion";
    QUANTITY = "cantidad-a-surtir";
    /// Fracción printed on the box (LGS 226).
    FRACTION = "fraccion";
    /// Times a receta may be filled.
    FILLS = "veces-que-se-surte";
    MAY_SUBSTITUTE = "permite-sustitucion";
    /// Folio of the official special receta.
    SPECIAL_FOLIO = "folio-receta-especial";
    /// Owner of an establishment.
    OWNER = "propietario";
    INSTITUTION = "institucion";
    SOURCE = "origen-del-resultado";
    PLACE = "lugar-en-el-informe";
    STATE = "estado-de-la-version";
    SUPERSEDES = "sustituye-a";
    REASON = "motivo";
    LAB_FLAG = "marca-del-laboratorio";
    /// Unit of a result that is words.
    UNIT = "unidad";
    /// The same in UCUM.
    UCUM_UNIT = "unidad-ucum";
    LOW_EXCLUSIVE = "limite-inferior-excluido";
    HIGH_EXCLUSIVE = "limite-superior-excluido";
    PURPOSE = "finalidad";
    MEANS = "medio";
    TEXT_VERSION = "version-del-texto";
    /// SHA-256 as hexadecimal digits; `attachment.hash` is SHA-1 by definition.
    SHA256 = "sha-256";
    CONTENT_SHA256 = "sha-256-del-contenido";
    TRANSCRIPT_SHA256 = "sha-256-de-la-transcripcion";
    CHAIN_PLACE = "lugar-en-la-cadena";
    CHAIN_PREVIOUS = "eslabon-anterior";
    CHAIN_LINK = "eslabon";
    /// Signed in another establishment than the one that exports.
    EXTERNAL = "de-otro-establecimiento";
    ACT_AT = "fecha-y-hora-del-acto";
    FILE_KIND = "tipo-de-archivo";
    FILE_NAME = "nombre-del-archivo";
    STUDIED_ON = "fecha-del-estudio";
    WITHDRAWN_AT = "retirado-el";
    WITHDRAWN_BY = "retirado-por";
    /// A receta that holds no more.
    CANCELLED_AT = "cancelada-el";
    CANCELLED_BY = "cancelada-por";
}
