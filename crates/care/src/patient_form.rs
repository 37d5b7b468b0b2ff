//! The form that opens or corrects a record: what it says, read and checked field by field.

use clinical::demographics::{Demographics, Entity, Gender, GeoKey, NoCurp, People, RegisteredSex};
use clinical::identifiers::{Curp, Email, Phone};
use clinical::ids::PatientId;
use clinical::patient::{Identity, NewPatient, Patient};
use clinical::person::{BirthDate, PersonError, PersonName, Sex};
use jiff::civil::{Date, DateTime, Time};

use crate::error::CareError;
use crate::setup::{Check, optional};

/// Most letters of a short answer.
const SHORT: usize = 120;
/// Most letters of an address.
const ADDRESS: usize = 300;

/// The form that opens or corrects a record, as it was posted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatientForm {
    /// Nobody can say who it is.
    pub unknown: bool,
    /// What tells an unknown patient apart.
    pub label: String,
    /// Born and not named or registered yet.
    pub newborn: bool,
    /// Record of the mother, or empty.
    pub mother: String,
    /// Name of a newborn's mother; that of her record when empty.
    pub mother_name: String,
    /// Hora de nacimiento, optional.
    pub birth_time: String,
    /// Place among the children of one birth, optional.
    pub birth_order: String,
    /// Nombre.
    pub given: String,
    /// Primer apellido.
    pub first_surname: String,
    /// Segundo apellido, optional.
    pub second_surname: String,
    /// The person has no surnames.
    pub single_name: bool,
    /// Fecha de nacimiento as written.
    pub birth_date: String,
    /// [`Sex::code`].
    pub sex: String,
    /// CURP, optional.
    pub curp: String,
    /// [`NoCurp::code`], optional.
    pub no_curp: String,
    /// Teléfono, optional.
    pub phone: String,
    /// Correo electrónico, optional.
    pub email: String,
    /// Domicilio.
    pub address: String,
    /// Ocupación, optional.
    pub occupation: String,
    /// [`Entity::code`] of birth, optional.
    pub birth_entity: String,
    /// [`RegisteredSex::code`], optional.
    pub registered_sex: String,
    /// [`Gender::code`], optional.
    pub gender: String,
    /// Nacionalidad, optional.
    pub nationality: String,
    /// [`Entity::code`] of residence, optional.
    pub residence: String,
    /// Municipio, optional.
    pub municipality: String,
    /// Localidad, optional.
    pub locality: String,
    /// Key of INEGI, optional.
    pub geo_key: String,
    /// [`People::code`], optional.
    pub people: String,
    /// Lengua materna, optional.
    pub language: String,
    /// An interpreter is needed.
    pub interpreter: bool,
    /// Likely doubles that were shown to the person, who goes on all the same.
    pub seen: Vec<PatientId>,
    /// The same of doubles in private records, of which only that they exist was told.
    pub seen_private: bool,
}

impl PatientForm {
    /// The form as it looks for a record that exists.
    #[must_use]
    pub fn of(patient: &Patient) -> Self {
        let data = &patient.data;
        let details = &data.details;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let entity = |value: Option<Entity>| value.map(Entity::code).unwrap_or_default().to_owned();
        let mut form = Self {
            mother: details.mother.map(|id| id.to_string()).unwrap_or_default(),
            birth_time: details.birth_time.map(|time| time.strftime("%H:%M").to_string()).unwrap_or_default(),
            birth_order: details.birth_order.map(|order| order.to_string()).unwrap_or_default(),
            birth_date: patient.birth_date().map(|birth| written(birth.date())).unwrap_or_default(),
            sex: data.sex.code().to_owned(),
            curp: patient.curp().map(ToString::to_string).unwrap_or_default(),
            no_curp: details.no_curp.map(NoCurp::code).unwrap_or_default().to_owned(),
            phone: data.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            email: details.email.as_ref().map(Email::as_str).unwrap_or_default().to_owned(),
            address: text(&data.address),
            occupation: text(&data.occupation),
            birth_entity: entity(details.birth_entity),
            registered_sex: details.registered_sex.map(RegisteredSex::code).unwrap_or_default().to_owned(),
            gender: details.gender.map(Gender::code).unwrap_or_default().to_owned(),
            nationality: text(&details.nationality),
            residence: entity(details.residence),
            municipality: text(&details.municipality),
            locality: text(&details.locality),
            geo_key: details.geo_key.as_ref().map(GeoKey::as_str).unwrap_or_default().to_owned(),
            people: details.people.map(People::code).unwrap_or_default().to_owned(),
            language: text(&details.language),
            interpreter: details.interpreter,
            ..Self::default()
        };
        match &data.identity {
            Identity::Unknown { label } => {
                form.unknown = true;
                form.label.clone_from(label);
            }
            Identity::Newborn { mother_name, .. } => {
                form.newborn = true;
                form.mother_name.clone_from(mother_name);
            }
            Identity::Identified { name, .. } => {
                form.given = name.given().to_owned();
                form.first_surname = name.first_surname().to_owned();
                form.second_surname = name.second_surname().unwrap_or_default().to_owned();
                form.single_name = name.first_surname().is_empty();
            }
        }
        form
    }

    /// Reads the form; `now` in the zone of the establishment tells births in the future.
    pub(crate) fn read(&self, now: DateTime) -> Result<NewPatient, CareError> {
        let mut check = Check::new();
        let identity = self.identity(&mut check, now.date());
        let sex = Sex::from_code(&self.sex);
        if sex.is_none() {
            check.fail("sexo", "Elija el sexo");
        }
        let phone = match self.phone.trim() {
            "" => Some(None),
            phone => check.take("telefono", Phone::parse(phone)).map(Some),
        };
        let address = brief(&mut check, "domicilio", &self.address, ADDRESS);
        let occupation = brief(&mut check, "ocupacion", &self.occupation, SHORT);
        let details = self.details(&mut check);
        let born = identity.as_ref().and_then(Identity::birth_date).map(BirthDate::date);
        if born == Some(now.date()) && details.birth_time.is_some_and(|time| time > now.time()) {
            check.fail("hora_nacimiento", "La hora de nacimiento no puede ser futura");
        }
        let read = identity.zip(sex).zip(phone);
        let ((identity, sex), phone) = check.finish(read)?;
        Ok(NewPatient { identity, sex, phone, address, occupation, details })
    }

    fn identity(&self, check: &mut Check, today: Date) -> Option<Identity> {
        if self.unknown {
            let label =
                check.text("etiqueta", &self.label, "Escriba qué distingue a este paciente por ahora");
            return Some(Identity::Unknown { label });
        }
        if self.newborn {
            let mother_name =
                check.text("nombre_madre", &self.mother_name, "Escriba el nombre completo de la madre");
            let birth_date = check.take("fecha_nacimiento", BirthDate::parse(&self.birth_date, today))?;
            return Some(Identity::Newborn { mother_name, birth_date });
        }
        let name = self.name(check);
        let birth_date = check.take("fecha_nacimiento", BirthDate::parse(&self.birth_date, today));
        let curp = match self.curp.trim() {
            "" => Some(None),
            curp => check.take("curp", Curp::parse(curp)).map(Some),
        };
        Some(Identity::Identified { name: name?, birth_date: birth_date?, curp: curp? })
    }

    fn name(&self, check: &mut Check) -> Option<PersonName> {
        let parts = [
            ("nombre", &self.given),
            ("primer_apellido", &self.first_surname),
            ("segundo_apellido", &self.second_surname),
        ];
        let before = check.0.len();
        for (field, text) in parts {
            check.take(field, PersonName::part(text));
        }
        if check.0.len() > before {
            return None;
        }
        let name = if self.single_name && self.first_surname.trim().is_empty() {
            PersonName::single(&self.given)
        } else {
            PersonName::parse(&self.given, &self.first_surname, &self.second_surname)
        };
        if matches!(name, Err(PersonError::MissingSurname)) {
            let message = "Escriba el primer apellido; si la persona no tiene apellidos, marque «Tiene un solo nombre» en Más datos";
            check.fail("primer_apellido", message);
            return None;
        }
        check.take("nombre", name)
    }

    fn details(&self, check: &mut Check) -> Demographics {
        let birth_time = match self.birth_time.trim() {
            "" => None,
            text => check.take("hora_nacimiento", time(text)),
        };
        let birth_order = match self.birth_order.trim() {
            "" => None,
            text => check.take("orden_nacimiento", order(text)),
        };
        let geo_key = match self.geo_key.trim() {
            "" => None,
            text => check.take("clave_inegi", GeoKey::parse(text)),
        };
        let email = match self.email.trim() {
            "" => None,
            text => check.take("correo", Email::parse(text)),
        };
        let residence = Entity::from_code(&self.residence).filter(|entity| entity.is_in_mexico());
        let of_key = geo_key.as_ref().and_then(GeoKey::entity);
        if residence.is_some() && of_key.is_some() && residence != of_key {
            check.fail("clave_inegi", "Esta clave de INEGI es de otra entidad: revise la clave o la entidad");
        }
        Demographics {
            email,
            birth_entity: Entity::from_code(&self.birth_entity),
            registered_sex: RegisteredSex::from_code(&self.registered_sex),
            gender: Gender::from_code(&self.gender),
            nationality: brief(check, "nacionalidad", &self.nationality, SHORT),
            no_curp: NoCurp::from_code(&self.no_curp).filter(|_| self.curp.trim().is_empty()),
            residence: residence.or(of_key),
            municipality: brief(check, "municipio", &self.municipality, SHORT),
            locality: brief(check, "localidad", &self.locality, SHORT),
            geo_key,
            people: People::from_code(&self.people),
            language: brief(check, "lengua", &self.language, SHORT),
            interpreter: self.interpreter,
            mother: self.mother.parse().ok(),
            birth_time,
            birth_order,
        }
    }
}

fn written(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// Text or nothing, not longer than it may be.
pub(crate) fn brief(check: &mut Check, field: &'static str, value: &str, max: usize) -> Option<String> {
    let text = optional(value)?;
    if text.chars().count() > max {
        check.fail(field, &format!("Escriba {max} letras o menos"));
    }
    Some(text)
}

/// "7:05" or "07:05".
fn time(text: &str) -> Result<Time, &'static str> {
    let unreadable = "Escriba la hora como 07:05";
    let (hour, minute) = text.split_once([':', '.']).ok_or(unreadable)?;
    let number = |part: &str| part.trim().parse::<i8>().map_err(|_| unreadable);
    Time::new(number(hour)?, number(minute)?, 0, 0).map_err(|_| unreadable)
}

fn order(text: &str) -> Result<u8, &'static str> {
    let order = text.parse::<u8>().ok().filter(|order| (1..=9).contains(order));
    order.ok_or("Escriba el orden con un número: 1 para quien nació primero")
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::*;

    fn form() -> PatientForm {
        PatientForm {
            given: "María de los Ángeles".to_owned(),
            first_surname: "D'Ávila-Ñandú".to_owned(),
            birth_date: "27/03/1984".to_owned(),
            sex: "female".to_owned(),
            ..PatientForm::default()
        }
    }

    fn errors(form: &PatientForm) -> Vec<(&'static str, String)> {
        match form.read(datetime(2026, 11, 25, 10, 0, 0, 0)) {
            Err(CareError::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.message)).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_form_of_a_stored_record_reads_back_the_same() {
        let full = PatientForm {
            second_surname: "Peña".to_owned(),
            email: "angeles@ejemplo.mx".to_owned(),
            no_curp: "not_at_hand".to_owned(),
            birth_entity: "NE".to_owned(),
            registered_sex: "X".to_owned(),
            gender: "88".to_owned(),
            nationality: "guatemalteca".to_owned(),
            residence: "21".to_owned(),
            municipality: "Puebla".to_owned(),
            geo_key: "211140001".to_owned(),
            people: "indigenous".to_owned(),
            language: "náhuatl".to_owned(),
            interpreter: true,
            ..form()
        };
        let newborn = PatientForm {
            newborn: true,
            mother_name: "Ana Luna".to_owned(),
            birth_date: "25/11/2026".to_owned(),
            birth_time: "09:59".to_owned(),
            birth_order: "2".to_owned(),
            sex: "undetermined".to_owned(),
            ..PatientForm::default()
        };
        let single = PatientForm { first_surname: String::new(), single_name: true, ..form() };
        for form in [form(), full, newborn, single] {
            let data = form.read(datetime(2026, 11, 25, 10, 0, 0, 0)).unwrap();
            let id = PatientId(uuid::Uuid::nil());
            let patient = Patient { id, record_number: "000001".to_owned(), data, version: 1, root: id };
            assert_eq!(PatientForm::of(&patient), form);
        }
    }

    #[test]
    fn every_error_names_its_field_and_says_what_to_do() {
        let check = |form: PatientForm, field: &str, words: &str| {
            let found = errors(&form);
            let fits =
                matches!(found.as_slice(), [(own, message)] if *own == field && message.contains(words));
            assert!(fits, "{field} {words}: {found:?}");
        };
        let long = "ñ".repeat(300);
        check(PatientForm { given: long.clone(), ..form() }, "nombre", "120 letras");
        check(PatientForm { first_surname: long.clone(), ..form() }, "primer_apellido", "120 letras");
        check(PatientForm { second_surname: long.clone(), ..form() }, "segundo_apellido", "120 letras");
        check(PatientForm { first_surname: String::new(), ..form() }, "primer_apellido", "un solo nombre");
        check(PatientForm { birth_date: "31/12/1899".to_owned(), ..form() }, "fecha_nacimiento", "1900");
        check(PatientForm { birth_date: "26/11/2026".to_owned(), ..form() }, "fecha_nacimiento", "futura");
        check(PatientForm { sex: String::new(), ..form() }, "sexo", "Elija");
        check(PatientForm { language: long.clone(), ..form() }, "lengua", "120 letras");
        check(PatientForm { email: "ángeles@ejemplo.mx".to_owned(), ..form() }, "correo", "sin acentos");
        check(PatientForm { geo_key: "99".to_owned(), ..form() }, "clave_inegi", "5 dígitos");
        let elsewhere = PatientForm { geo_key: "21114".to_owned(), residence: "09".to_owned(), ..form() };
        check(elsewhere, "clave_inegi", "otra entidad");
        let newborn = PatientForm {
            newborn: true,
            mother_name: "Ana Luna".to_owned(),
            birth_date: "25/11/2026".to_owned(),
            ..form()
        };
        check(PatientForm { mother_name: " ".to_owned(), ..newborn.clone() }, "nombre_madre", "madre");
        check(PatientForm { birth_time: "10:01".to_owned(), ..newborn.clone() }, "hora_nacimiento", "futura");
        check(PatientForm { birth_time: "25:00".to_owned(), ..newborn.clone() }, "hora_nacimiento", "07:05");
        check(PatientForm { birth_order: "0".to_owned(), ..newborn }, "orden_nacimiento", "número");
    }
}
