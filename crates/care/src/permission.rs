//! Who may do what: the one matrix. What is not listed is refused.

use clinical::digest::Digest;
use clinical::document::DocumentKind;
use clinical::ids::{PatientId, PractitionerId, UserId};
use jiff::Timestamp;
use nom004::{Author, DocumentDefinition};

use crate::private::OpeningReason;

/// What a person does in the practice. One account may have several roles (a physician alone is also administrator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Médico.
    Physician,
    /// Pasante, interno o residente: writes like a physician and sends what is finished to one to be signed.
    Trainee,
    /// Enfermería.
    Nurse,
    /// Recepción.
    Reception,
    /// Administración.
    Administrator,
    /// Auditoría.
    Auditor,
}

impl Role {
    /// All roles in the order of the form.
    pub const ALL: [Self; 6] =
        [Self::Physician, Self::Trainee, Self::Nurse, Self::Reception, Self::Administrator, Self::Auditor];

    /// Stored word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Physician => "physician",
            Self::Trainee => "trainee",
            Self::Nurse => "nurse",
            Self::Reception => "reception",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
        }
    }

    /// Reads [`Role::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// The word on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Physician => "Médico",
            Self::Trainee => "Pasante o residente",
            Self::Nurse => "Enfermería",
            Self::Reception => "Recepción",
            Self::Administrator => "Administración",
            Self::Auditor => "Auditoría",
        }
    }
}

/// One thing a person may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See the agenda.
    SeeAgenda,
    /// Note arrivals, book and cancel.
    ManageAgenda,
    /// See name, age, telephone and other data that identify a patient.
    SeeIdentity,
    /// Open a record and correct who the patient is.
    EditIdentity,
    /// Join two records of one person, and take them apart.
    MergeRecords,
    /// Read clinical text.
    ReadRecord,
    /// Write drafts and the patient's summary.
    WriteRecord,
    /// Sign notes and prescriptions.
    Sign,
    /// Open a private record with a reason, without being a member of its group.
    OpenPrivate,
    /// Say whether the reason of such an opening holds.
    ReviewAccess,
    /// Give information of a record to somebody.
    Deliver,
    /// Archive records, bring them back and put them on legal hold.
    KeepRecords,
    /// Receive requests about personal data (ARCO) and follow their terms.
    ReceiveRights,
    /// Answer and carry out such requests: it touches the record.
    DecideRights,
    /// Send what one wrote to the supervising physician to be signed.
    SendForSignature,
    /// Read the bitácora.
    ReadAudit,
    /// Take a whole record out.
    ExportRecord,
    /// Bring in a record of another establishment.
    ImportRecord,
    /// See the numbers of the practice: how many, never of whom.
    SeeFigures,
    /// Change accounts and the establishment.
    Administer,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 20] = [
        Self::SeeAgenda,
        Self::ManageAgenda,
        Self::SeeIdentity,
        Self::EditIdentity,
        Self::MergeRecords,
        Self::ReadRecord,
        Self::WriteRecord,
        Self::Sign,
        Self::OpenPrivate,
        Self::ReviewAccess,
        Self::Deliver,
        Self::KeepRecords,
        Self::ReceiveRights,
        Self::DecideRights,
        Self::SendForSignature,
        Self::ReadAudit,
        Self::ExportRecord,
        Self::ImportRecord,
        Self::SeeFigures,
        Self::Administer,
    ];

    /// Word for the bitácora.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SeeAgenda => "see_agenda",
            Self::ManageAgenda => "manage_agenda",
            Self::SeeIdentity => "see_identity",
            Self::EditIdentity => "edit_identity",
            Self::MergeRecords => "merge_records",
            Self::ReadRecord => "read_record",
            Self::WriteRecord => "write_record",
            Self::Sign => "sign",
            Self::OpenPrivate => "open_private",
            Self::ReviewAccess => "review_access",
            Self::Deliver => "deliver",
            Self::KeepRecords => "keep_records",
            Self::ReceiveRights => "receive_rights",
            Self::DecideRights => "decide_rights",
            Self::SendForSignature => "send_for_signature",
            Self::ReadAudit => "read_audit",
            Self::ExportRecord => "export_record",
            Self::ImportRecord => "import_record",
            Self::SeeFigures => "see_figures",
            Self::Administer => "administer",
        }
    }

    /// Who has it.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        use Role::{Administrator, Auditor, Nurse, Physician, Reception, Trainee};
        match self {
            Self::SeeAgenda | Self::ManageAgenda => &[Physician, Trainee, Nurse, Reception],
            Self::SeeIdentity | Self::EditIdentity => &[Physician, Trainee, Nurse, Reception],
            Self::ReadRecord | Self::WriteRecord => &[Physician, Trainee, Nurse],
            // Which documents a role signs is part of their definition: see [`Actor::may_author`].
            Self::Sign => &[Physician, Nurse],
            Self::OpenPrivate => &[Physician, Nurse],
            Self::ReviewAccess => &[Auditor, Administrator],
            Self::MergeRecords | Self::Deliver | Self::DecideRights => &[Physician],
            Self::ExportRecord | Self::ImportRecord => &[Physician],
            Self::KeepRecords => &[Physician, Administrator],
            Self::ReceiveRights => &[Reception, Administrator, Physician],
            Self::SendForSignature => &[Trainee],
            Self::ReadAudit => &[Administrator, Auditor],
            Self::SeeFigures => &[Physician, Trainee, Nurse, Administrator, Auditor],
            Self::Administer => &[Administrator],
        }
    }

    /// The refused act in Spanish, without a subject.
    fn act(self) -> &'static str {
        match self {
            Self::SeeAgenda => "ver la agenda",
            Self::ManageAgenda => "cambiar la agenda",
            Self::SeeIdentity => "ver los datos de los pacientes",
            Self::EditIdentity => "cambiar los datos de los pacientes",
            Self::MergeRecords => "unir expedientes",
            Self::ReadRecord => "abrir notas",
            Self::WriteRecord => "escribir en el expediente",
            Self::Sign => "firmar documentos",
            Self::OpenPrivate => "abrir expedientes privados",
            Self::ReviewAccess => "revisar aperturas de expedientes privados",
            Self::Deliver => "entregar información del expediente",
            Self::KeepRecords => "archivar ni retener expedientes",
            Self::ReceiveRights => "recibir solicitudes de derechos ARCO",
            Self::DecideRights => "responder solicitudes de derechos ARCO",
            Self::SendForSignature => "enviar documentos a firma",
            Self::ReadAudit => "ver la bitácora",
            Self::ExportRecord => "exportar expedientes",
            Self::ImportRecord => "importar expedientes",
            Self::SeeFigures => "ver los tableros",
            Self::Administer => "cambiar la configuración",
        }
    }
}

/// The signed-in person behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user_id: UserId,
    /// Its name for signing in.
    pub username: String,
    /// The name shown on screens.
    pub display_name: String,
    /// What the person does in the practice.
    pub roles: Vec<Role>,
    /// The professional behind the account, if it signs documents.
    pub practitioner_id: Option<PractitionerId>,
    /// Network address the request came from.
    pub origin: String,
    /// Secret of the session that forms must send back.
    pub csrf: String,
    /// The session behind the request.
    pub session: Digest,
    /// Private records this person has open with a reason, by every id of the record.
    pub opened: Vec<Opened>,
}

/// A private record that somebody has open with a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The record.
    pub patient: PatientId,
    /// Why.
    pub reason: OpeningReason,
    /// Until when.
    pub until: Timestamp,
}

impl Opened {
    /// What the bitácora says of everything that is done meanwhile.
    pub(crate) fn trace(&self) -> String {
        match self.reason {
            OpeningReason::LegalRequest => "expediente bloqueado abierto por requerimiento legal".to_owned(),
            reason => format!("expediente privado abierto: {}", reason.label().to_lowercase()),
        }
    }
}

impl Actor {
    /// The opening by which this person sees a record, if it is by one.
    #[must_use]
    pub fn opened(&self, patient: PatientId) -> Option<&Opened> {
        self.opened.iter().find(|opened| opened.patient == patient)
    }

    /// Whether one of the roles has the permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| permission.roles().contains(role))
    }

    /// Whether one of the roles writes and signs this document (reference, section 3, "Quién").
    #[must_use]
    pub fn may_author(&self, definition: &DocumentDefinition) -> bool {
        self.may(Permission::Sign)
            && definition.authors.iter().any(|author| match author {
                Author::Physician => self.roles.contains(&Role::Physician),
                Author::Nurse => self.roles.contains(&Role::Nurse),
            })
    }

    /// Whether one of the roles writes this document, to sign it or to send it to be signed.
    #[must_use]
    pub fn may_draft(&self, definition: &DocumentDefinition) -> bool {
        let under_supervision =
            self.may(Permission::SendForSignature) && definition.authors.contains(&Author::Physician);
        under_supervision || self.may_author(definition)
    }

    /// Whether this person gives consultations: writes the nota de evolución that a visit is opened for.
    #[must_use]
    pub fn consults(&self) -> bool {
        self.may_draft(nom004::definition(DocumentKind::PROGRESS_NOTE))
    }

    /// Whether visits are with this person alone. Nursing, the desk and who learns attend whoever comes.
    #[must_use]
    pub fn has_own_visits(&self) -> bool {
        self.consults() && !self.may(Permission::SendForSignature)
    }

    /// "Enfermería no puede firmar «Nota de evolución». Pida a un médico que lo haga."
    #[must_use]
    pub fn authorship_refusal(&self, definition: &DocumentDefinition) -> String {
        let who = self.roles.first().map_or("Esta cuenta", |role| role.label());
        let ask =
            if definition.authors.first() == Some(&Author::Nurse) { "enfermería" } else { "un médico" };
        format!("{who} no puede firmar «{}». Pida a {ask} que lo haga.", definition.title)
    }

    /// "Recepción no puede abrir notas. Pida a un médico que lo haga."
    #[must_use]
    pub fn refusal(&self, permission: Permission) -> String {
        let who = self.roles.first().map_or("Esta cuenta", |role| role.label());
        let ask = permission.roles().first().map_or("administración", |role| match role {
            Role::Physician => "un médico",
            Role::Trainee => "un pasante o residente",
            Role::Nurse => "enfermería",
            Role::Reception => "recepción",
            Role::Administrator => "administración",
            Role::Auditor => "auditoría",
        });
        format!("{who} no puede {}. Pida a {ask} que lo haga.", permission.act())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(roles: &[Role]) -> Actor {
        Actor {
            user_id: UserId(uuid::Uuid::nil()),
            username: "prueba".to_owned(),
            display_name: "Prueba".to_owned(),
            roles: roles.to_vec(),
            practitioner_id: None,
            origin: "127.0.0.1".to_owned(),
            csrf: String::new(),
            session: Digest::ORIGIN,
            opened: Vec::new(),
        }
    }

    #[test]
    fn reception_sees_the_agenda_and_no_clinical_text() {
        let reception = actor(&[Role::Reception]);
        assert!(reception.may(Permission::SeeAgenda));
        assert!(!reception.may(Permission::ReadRecord));
        assert_eq!(
            reception.refusal(Permission::ReadRecord),
            "Recepción no puede abrir notas. Pida a un médico que lo haga."
        );
    }

    #[test]
    fn an_account_without_roles_may_do_nothing() {
        assert!(Permission::ALL.into_iter().all(|permission| !actor(&[]).may(permission)));
    }

    #[test]
    fn a_trainee_writes_like_a_physician_and_never_signs() {
        let trainee = actor(&[Role::Trainee]);
        let may = [Permission::ReadRecord, Permission::WriteRecord, Permission::SendForSignature];
        assert!(may.into_iter().all(|permission| trainee.may(permission)));
        assert!(!trainee.may(Permission::Sign) && !trainee.may(Permission::MergeRecords));
    }

    #[test]
    fn a_role_signs_only_the_documents_that_name_it() {
        use clinical::document::DocumentKind;
        for definition in nom004::definitions() {
            for role in Role::ALL {
                let expected = match role {
                    Role::Physician => definition.authors.contains(&Author::Physician),
                    Role::Nurse => definition.authors.contains(&Author::Nurse),
                    Role::Trainee | Role::Reception | Role::Administrator | Role::Auditor => false,
                };
                assert_eq!(actor(&[role]).may_author(definition), expected, "{role:?} {:?}", definition.kind);
                let drafts = match role {
                    Role::Trainee => definition.authors.contains(&Author::Physician),
                    _ => expected,
                };
                assert_eq!(actor(&[role]).may_draft(definition), drafts, "{role:?} {:?}", definition.kind);
            }
        }
        let nurse = actor(&[Role::Nurse]);
        let note = nom004::definition(DocumentKind::PROGRESS_NOTE);
        assert_eq!(
            nurse.authorship_refusal(note),
            "Enfermería no puede firmar «Nota de evolución». Pida a un médico que lo haga."
        );
    }
}
