//! First start: the establishment, its first administrator and its first physician.

use clinical::audit::{AuditAction, NewAuditEvent};
use clinical::identifiers::{Phone, ProfessionalLicense};
use clinical::ids::{PractitionerId, UserId};
use clinical::person::{PersonName, parse_date};
use clinical::practitioner::{Establishment, Practitioner, Specialty, SpecialtyCertificate, Trainee};
use jiff::civil::Date;
use storage::{PasswordHash, User};
use uuid::Uuid;

use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission, Role};
use crate::{Care, password};

/// The establishment as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EstablishmentForm {
    /// Tipo.
    pub kind: String,
    /// Nombre.
    pub name: String,
    /// Domicilio.
    pub address: String,
    /// Institución, optional.
    pub institution: String,
    /// Razón o denominación social.
    pub owner: String,
    /// Teléfono, optional.
    pub phone: String,
    /// CLUES, optional.
    pub clues: String,
    /// IANA time zone; empty for central Mexico.
    pub time_zone: String,
}

/// A professional as the form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PractitionerForm {
    /// "Dr.", "Dra." or nothing.
    pub title: String,
    /// Nombre.
    pub given: String,
    /// Primer apellido.
    pub first_surname: String,
    /// Segundo apellido, optional.
    pub second_surname: String,
    /// Cédula profesional; optional for a trainee.
    pub license: String,
    /// Institución que expidió el título; of a trainee, where they study.
    pub degree_institution: String,
    /// Code of the kind of trainee; empty for a professional.
    pub trainee: String,
    /// Especialidad, optional.
    pub specialty: String,
    /// Cédula de especialidad, required with a specialty.
    pub specialty_license: String,
    /// Number of the certificado de especialidad, optional.
    pub certificate: String,
    /// The consejo that issued it, required with a number.
    pub certificate_council: String,
    /// Its last day, required with a number.
    pub certificate_until: String,
}

/// An account as the form posts it. `Debug` is not derived: it holds a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AccountForm {
    /// Name for signing in.
    pub username: String,
    /// New password.
    pub password: String,
    /// The same again.
    pub password_again: String,
    /// Name shown on screens; the professional's name when empty.
    pub display_name: String,
    /// The password is known to somebody else: it must be changed at the first sign-in.
    pub provisional: bool,
}

/// The whole first-start form.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SetupForm {
    /// Where care happens.
    pub establishment: EstablishmentForm,
    /// The first physician.
    pub practitioner: PractitionerForm,
    /// The physician's account.
    pub physician: AccountForm,
    /// The administrator's account; `None` when the physician is also the administrator.
    pub administrator: Option<AccountForm>,
}

/// Collects what is wrong with a form, so that all of it is told at once.
pub(crate) struct Check(pub(crate) Vec<FieldError>);

impl Check {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn text(&mut self, field: &'static str, value: &str, when_empty: &str) -> String {
        let tidy = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if tidy.is_empty() {
            self.0.push(FieldError::new(field, when_empty));
        } else if tidy.chars().count() > 300 {
            self.0.push(FieldError::new(field, "Escriba 300 letras o menos"));
        }
        tidy
    }

    pub(crate) fn take<T, E: ToString>(&mut self, field: &'static str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.0.push(FieldError::new(field, error))).ok()
    }

    pub(crate) fn fail(&mut self, field: &'static str, message: &str) {
        self.0.push(FieldError::new(field, message));
    }

    /// A day that has been: from 1900 to today.
    pub(crate) fn past_day(&mut self, field: &'static str, written: &str, today: Date) -> Option<Date> {
        let day = self.take(field, parse_date(written))?;
        if day > today {
            self.fail(field, "La fecha todavía no llega: revise el día, el mes y el año");
        } else if day.year() < 1900 {
            self.fail(field, "La fecha es anterior a 1900: revise el año");
        } else {
            return Some(day);
        }
        None
    }

    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, CareError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(CareError::Invalid(self.0)),
        }
    }
}

/// Text or nothing, tidied.
pub(crate) fn optional(value: &str) -> Option<String> {
    let tidy = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!tidy.is_empty()).then_some(tidy)
}

pub(crate) fn establishment(check: &mut Check, form: &EstablishmentForm) -> Option<Establishment> {
    let kind = check.text("tipo", &form.kind, "Escriba el tipo de establecimiento, por ejemplo Consultorio");
    let name = check.text("nombre_establecimiento", &form.name, "Escriba el nombre del establecimiento");
    let address = check.text("domicilio", &form.address, "Escriba el domicilio completo");
    let owner =
        check.text("razon_social", &form.owner, "Escriba la razón social o el nombre del propietario");
    let phone = match form.phone.trim() {
        "" => None,
        phone => Some(check.take("telefono", Phone::parse(phone))?),
    };
    let time_zone = match form.time_zone.trim() {
        "" => crate::DEFAULT_ZONE.to_owned(),
        name if jiff::tz::TimeZone::get(name).is_ok() => name.to_owned(),
        _ => {
            check.fail("zona_horaria", "Elija una zona horaria de la lista");
            return None;
        }
    };
    let institution = optional(&form.institution);
    Some(Establishment {
        kind,
        name,
        address,
        institution,
        owner,
        phone,
        clues: optional(&form.clues),
        time_zone,
    })
}

pub(crate) fn practitioner(check: &mut Check, form: &PractitionerForm) -> Option<Practitioner> {
    let name =
        check.take("nombre", PersonName::parse(&form.given, &form.first_surname, &form.second_surname));
    let trainee = match form.trainee.as_str() {
        "" => None,
        code => {
            let trainee = Trainee::from_code(code);
            if trainee.is_none() {
                check.fail("formacion", "Elija si es pasante, interno o residente");
            }
            trainee
        }
    };
    let license = match (trainee, form.license.trim()) {
        (Some(_), "") => Some(ProfessionalLicense::none()),
        (_, license) => check.take("cedula", ProfessionalLicense::parse(license)),
    };
    let degree_institution = check.text(
        "institucion_titulo",
        &form.degree_institution,
        "Escriba la institución que expidió el título",
    );
    let certificate = certificate(check, form);
    let specialty = match optional(&form.specialty) {
        None => {
            if certificate.is_some() {
                check.fail("especialidad", "Escriba la especialidad de la que es el certificado");
            }
            None
        }
        Some(name) => {
            let license =
                check.take("cedula_especialidad", ProfessionalLicense::parse(&form.specialty_license))?;
            Some(Specialty { name, license, certificate })
        }
    };
    let id = PractitionerId(Uuid::now_v7());
    let title = form.title.trim().to_owned();
    Some(Practitioner { id, title, name: name?, license: license?, degree_institution, specialty, trainee })
}

/// Letters of the number of a certificate, at most.
const CERTIFICATE_CHARS: usize = 40;

/// The certificado de especialidad of the form: number, consejo and last day, or nothing of it.
fn certificate(check: &mut Check, form: &PractitionerForm) -> Option<SpecialtyCertificate> {
    let parts = [&form.certificate, &form.certificate_council, &form.certificate_until];
    if parts.iter().all(|part| part.trim().is_empty()) {
        return None;
    }
    let number = check.text("certificado", &form.certificate, "Escriba el número del certificado");
    if number.chars().count() > CERTIFICATE_CHARS {
        check.fail("certificado", "Escriba solo el número del certificado, de 40 letras o menos");
    }
    let council =
        check.text("consejo", &form.certificate_council, "Escriba el consejo que expidió el certificado");
    let valid_until = check.take("certificado_hasta", parse_date(&form.certificate_until))?;
    Some(SpecialtyCertificate { number, council, valid_until })
}

fn account(check: &mut Check, field: &'static str, password_field: &'static str, form: &AccountForm) {
    let username = form.username.trim();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    if username.len() < 3 || username.len() > 40 || !username.chars().all(plain) {
        check
            .fail(field, "Escriba un usuario de 3 a 40 letras minúsculas o números, sin espacios ni acentos");
    }
    check.0.extend(password::problems(password_field, &form.password, &form.password_again, username));
}

impl Care {
    /// Whether nobody has set the practice up yet.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn needs_setup(&self) -> Result<bool, CareError> {
        Ok(self.unseen.begin_read().await?.establishment().await?.is_none())
    }

    /// Sets the practice up: establishment, physician and administrator in one transaction.
    ///
    /// # Errors
    /// [`CareError::Invalid`] with every field to correct; [`CareError::Finished`] when it was done before.
    pub async fn set_up(&self, form: &SetupForm, origin: &str) -> Result<(), CareError> {
        let mut check = Check::new();
        let establishment = establishment(&mut check, &form.establishment);
        let practitioner = practitioner(&mut check, &form.practitioner);
        account(&mut check, "usuario", "contrasena", &form.physician);
        if let Some(administrator) = &form.administrator {
            account(&mut check, "usuario_admin", "contrasena_admin", administrator);
            if administrator.username.trim() == form.physician.username.trim() {
                check.fail("usuario_admin", "Escriba otro usuario: el del médico ya es este");
            }
        }
        let (establishment, practitioner) = check.finish(establishment.zip(practitioner))?;
        let mut users =
            vec![self.new_user(&form.physician, &practitioner.full_name(), Some(practitioner.id)).await?];
        users[0].role = match form.administrator {
            Some(_) => role_codes(&[Role::Physician]),
            None => role_codes(&[Role::Physician, Role::Administrator]),
        };
        if let Some(administrator) = &form.administrator {
            let mut user = self.new_user(administrator, administrator.username.trim(), None).await?;
            user.role = role_codes(&[Role::Administrator]);
            users.push(user);
        }
        let mut tx = self.unseen.begin().await?;
        if tx.establishment().await?.is_some() {
            return Err(CareError::Finished {
                message: "El consultorio ya está configurado. Inicie sesión.".to_owned(),
            });
        }
        tx.save_establishment(&establishment).await?;
        tx.insert_practitioner(&practitioner).await?;
        for user in &users {
            tx.insert_user(user).await?;
        }
        tx.append_audit(NewAuditEvent {
            at: self.now(),
            actor: None,
            action: AuditAction::Create,
            entity: "establishment",
            entity_id: establishment.name.clone(),
            patient_id: None,
            origin: origin.to_owned(),
            reason: Some("primer inicio".to_owned()),
        })
        .await?;
        Ok(tx.commit().await?)
    }

    /// Adds an account, with a professional behind it when it signs documents.
    ///
    /// # Errors
    /// [`CareError::Denied`] without the permission; [`CareError::Invalid`] with every field to correct.
    pub async fn add_user(
        &self,
        actor: &Actor,
        form: &AccountForm,
        roles: &[Role],
        professional: Option<&PractitionerForm>,
    ) -> Result<UserId, CareError> {
        self.require(actor, Permission::Administer).await?;
        let mut check = Check::new();
        account(&mut check, "usuario", "contrasena", form);
        if roles.is_empty() {
            check.fail("rol", "Elija al menos un rol");
        }
        if roles.contains(&Role::Physician) && professional.is_none() {
            check.fail("cedula", "Escriba los datos profesionales: un médico firma con su cédula");
        }
        let practitioner = professional.map(|form| practitioner(&mut check, form));
        let practitioner = match practitioner {
            Some(None) => return Err(CareError::Invalid(check.0)),
            Some(found) => found,
            None => None,
        };
        check_trainee(&mut check, roles, practitioner.as_ref());
        check.finish(Some(()))?;
        let shown = practitioner.as_ref().map_or_else(
            || optional(&form.display_name).unwrap_or_else(|| form.username.trim().to_owned()),
            Practitioner::full_name,
        );
        let mut user =
            self.new_user(form, &shown, practitioner.as_ref().map(|practitioner| practitioner.id)).await?;
        user.role = role_codes(roles);
        let mut tx = self.unseen.begin().await?;
        if tx.user_by_name(&user.username).await?.is_some() {
            return Err(CareError::invalid("usuario", "Escriba otro usuario: ese ya existe"));
        }
        if let Some(practitioner) = &practitioner {
            tx.insert_practitioner(practitioner).await?;
        }
        tx.insert_user(&user).await?;
        tx.append_audit(self.event(actor, AuditAction::Create, "user", user.id, None)).await?;
        tx.commit().await?;
        Ok(user.id)
    }

    /// The establishment; `None` before set-up.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn establishment(&self) -> Result<Option<Establishment>, CareError> {
        Ok(self.unseen.begin_read().await?.establishment().await?)
    }
}

/// Who writes under supervision signs nothing: the role and what the person is must say the same.
pub(crate) fn check_trainee(check: &mut Check, roles: &[Role], professional: Option<&Practitioner>) {
    let is_trainee = professional.is_some_and(|one| one.trainee.is_some());
    let has_role = roles.contains(&Role::Trainee);
    if has_role && !is_trainee {
        check.fail("formacion", "Elija si es pasante, interno o residente");
    } else if is_trainee && !has_role {
        check.fail("rol", "Elija el rol «Pasante o residente»: quien está en formación no firma");
    }
    if has_role && (roles.contains(&Role::Physician) || roles.contains(&Role::Nurse)) {
        check.fail("rol", "Quien es pasante o residente no puede firmar también como médico o enfermería");
    }
}

/// Roles as stored: codes with commas.
pub(crate) fn role_codes(roles: &[Role]) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(",")
}

impl Care {
    async fn new_user(
        &self,
        form: &AccountForm,
        shown: &str,
        practitioner_id: Option<PractitionerId>,
    ) -> Result<User, CareError> {
        Ok(User {
            id: UserId(Uuid::now_v7()),
            username: form.username.trim().to_owned(),
            display_name: shown.to_owned(),
            password_hash: PasswordHash(password::hash(form.password.clone()).await?),
            role: String::new(),
            practitioner_id,
            active: true,
            failed_attempts: 0,
            locked_until: None,
            provisional: form.provisional,
            factors_reset_at: None,
            created_at: self.now(),
        })
    }
}
