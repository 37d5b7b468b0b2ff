//! The patient and who speaks for them.

use clinical::demographics::{Demographics, Entity, Gender, GeoKey, NoCurp, People, RegisteredSex};
use clinical::identifiers::Curp;
use clinical::patient::{Identity, NewPatient};
use clinical::person::{BirthDate, Sex};
use clinical::representative::{Capacity, Representative};
use jiff::civil::{Date, Time};

use crate::datatypes::{
    Address, Element, Extension, HumanName, Identifier, Reference, code_of, concept, extension, filled,
    identifier, says_yes, text_of, words,
};
use crate::error::{Problem, Result, at, coded, maybe, need, parsed};
use crate::people::{email, human_name, phone, read_email, read_name, read_phone};
use crate::record::{Kept, PatientFacts};
use crate::resources::{Communication, Patient, RelatedPerson};
use crate::systems;
use crate::writer::Writer;

const R: &str = "Patient";

pub(crate) fn patient(facts: &PatientFacts, managed_by: Reference) -> Patient {
    let data = &facts.data;
    let mut identifiers: Vec<Identifier> =
        data.identity.curp().map(|curp| Identifier::new(systems::CURP, curp)).into_iter().collect();
    let number = |value: &String, usage: &str| Identifier {
        usage: Some(usage.to_owned()),
        ..Identifier::new(systems::RECORD_NUMBER, value)
    };
    identifiers.push(number(&facts.record_number, "official"));
    identifiers.extend(facts.joined.iter().map(|joined| number(joined, "old")));
    let birth_date = data.identity.birth_date().map(|birth| birth.date().to_string());
    let birth_time = data.details.birth_time.map(|time| Extension {
        url: Some(systems::BIRTH_TIME.to_owned()),
        value_time: Some(time.to_string()),
        ..Extension::default()
    });
    Patient {
        id: Some(facts.id.to_string()),
        extension: extensions(data),
        identifier: identifiers,
        name: vec![name(&data.identity)],
        telecom: phone(data.phone.as_ref())
            .into_iter()
            .chain(data.details.email.as_ref().map(email))
            .collect(),
        gender: Some(gender(data.sex).to_owned()),
        birth_date,
        birth_date_element: birth_time.map(|own| Element { extension: vec![own] }),
        address: address(data).into_iter().collect(),
        multiple_birth_integer: data.details.birth_order.map(i64::from),
        communication: data
            .details
            .language
            .iter()
            .map(|language| Communication { language: Some(words(language)), preferred: Some(true) })
            .collect(),
        managing_organization: Some(managed_by),
    }
}

fn name(identity: &Identity) -> HumanName {
    match identity {
        Identity::Identified { name, .. } => {
            HumanName { usage: Some("official".to_owned()), ..human_name(name) }
        }
        other => HumanName {
            usage: Some("temp".to_owned()),
            text: Some(other.full_name()),
            ..HumanName::default()
        },
    }
}

fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Intersex => "other",
        Sex::Undetermined => "unknown",
    }
}

fn address(data: &NewPatient) -> Option<Address> {
    let details = &data.details;
    let address = Address {
        text: data.address.clone(),
        city: details.locality.clone(),
        district: details.municipality.clone(),
        state: details.residence.map(|entity| entity.name().to_owned()),
        country: None,
    };
    (address != Address::default()).then_some(address)
}

fn extensions(data: &NewPatient) -> Vec<Extension> {
    let details = &data.details;
    let mut all = vec![Extension::code(systems::SEX, data.sex.code())];
    match &data.identity {
        Identity::Identified { .. } => {}
        Identity::Newborn { mother_name, .. } => {
            all.push(Extension::string(systems::MOTHER_NAME, mother_name));
        }
        Identity::Unknown { label } => all.push(Extension::string(systems::UNKNOWN_LABEL, label)),
    }
    let mut code = |url, value: Option<&str>| all.extend(value.map(|value| Extension::code(url, value)));
    code(systems::REGISTERED_SEX, details.registered_sex.map(RegisteredSex::code));
    code(systems::GENDER, details.gender.map(Gender::code));
    code(systems::NO_CURP, details.no_curp.map(NoCurp::code));
    code(systems::PEOPLE, details.people.map(People::code));
    code(systems::GEO_KEY, details.geo_key.as_ref().map(GeoKey::as_str));
    all.extend(data.occupation.as_ref().map(|own| Extension::string(systems::OCCUPATION, own)));
    all.extend(details.birth_entity.map(|entity| Extension {
        url: Some(systems::BIRTH_PLACE.to_owned()),
        value_address: Some(Address { state: Some(entity.name().to_owned()), ..Address::default() }),
        ..Extension::default()
    }));
    // The standard extension is a complex one: the code of the country is not known here, only the words.
    all.extend(details.nationality.as_ref().map(|own| Extension {
        url: Some(systems::NATIONALITY.to_owned()),
        extension: vec![Extension {
            url: Some("code".to_owned()),
            value_codeable_concept: Some(words(own)),
            ..Extension::default()
        }],
        ..Extension::default()
    }));
    all.extend(details.interpreter.then(|| Extension::yes(systems::INTERPRETER)));
    all
}

pub(crate) fn read_patient(own: &Patient) -> Result<PatientFacts> {
    let numbers = |usage: &str| {
        let all = own.identifier.iter().filter(|id| id.system.as_deref() == Some(systems::RECORD_NUMBER));
        let of_use =
            all.filter(move |id| id.usage.as_deref() == Some(usage)).filter_map(|id| id.value.clone());
        of_use.collect::<Vec<_>>()
    };
    Ok(PatientFacts {
        id: parsed(own.id.as_deref(), R, "id")?,
        record_number: need(numbers("official").pop(), R, "identifier")?,
        joined: numbers("old"),
        data: NewPatient {
            identity: read_identity(own)?,
            sex: coded(code_of(&own.extension, systems::SEX), Sex::from_code, R, "extension(sexo)")?,
            phone: read_phone(&own.telecom, R)?,
            address: own.address.first().and_then(|address| address.text.clone()),
            occupation: text_of(&own.extension, systems::OCCUPATION).map(str::to_owned),
            details: read_details(own)?,
        },
    })
}

fn read_identity(own: &Patient) -> Result<Identity> {
    let birth = || -> Result<BirthDate> {
        let date: Date = parsed(own.birth_date.as_deref(), R, "birthDate")?;
        if date.year() < clinical::person::OLDEST_BIRTH_YEAR {
            return Err(at(R, "birthDate", Problem::Value));
        }
        Ok(BirthDate::from_stored(date))
    };
    if let Some(label) = text_of(&own.extension, systems::UNKNOWN_LABEL) {
        return Ok(Identity::Unknown { label: label.to_owned() });
    }
    if let Some(mother) = text_of(&own.extension, systems::MOTHER_NAME) {
        return Ok(Identity::Newborn { mother_name: mother.to_owned(), birth_date: birth()? });
    }
    let curp = identifier(&own.identifier, systems::CURP).map(Curp::parse).transpose();
    Ok(Identity::Identified {
        name: read_name(need(own.name.first(), R, "name")?, R)?,
        birth_date: birth()?,
        curp: curp.map_err(|_| at(R, "identifier", Problem::Value))?,
    })
}

fn read_details(own: &Patient) -> Result<Demographics> {
    fn code<T>(own: &Patient, url: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let code = code_of(&own.extension, url);
        code.map(|code| read(code).ok_or_else(|| at(R, "extension", Problem::Value))).transpose()
    }
    let entity = |name: Option<&String>, element| {
        let found = |name: &String| Entity::all().find(|entity| entity.name() == name);
        name.map(|name| found(name).ok_or_else(|| at(R, element, Problem::Value))).transpose()
    };
    let place = extension(&own.extension, systems::BIRTH_PLACE).and_then(|own| own.value_address.as_ref());
    let address = own.address.first();
    let nationality = extension(&own.extension, systems::NATIONALITY)
        .and_then(|own| extension(&own.extension, "code")?.value_codeable_concept.as_ref()?.text.clone());
    let time = own.birth_date_element.as_ref().and_then(|own| extension(&own.extension, systems::BIRTH_TIME));
    let order = own.multiple_birth_integer.map(u8::try_from).transpose();
    Ok(Demographics {
        email: read_email(&own.telecom, R)?,
        birth_entity: entity(place.and_then(|place| place.state.as_ref()), "extension(birthPlace)")?,
        registered_sex: code(own, systems::REGISTERED_SEX, RegisteredSex::from_code)?,
        gender: code(own, systems::GENDER, Gender::from_code)?,
        nationality,
        no_curp: code(own, systems::NO_CURP, NoCurp::from_code)?,
        residence: entity(address.and_then(|address| address.state.as_ref()), "address.state")?,
        municipality: address.and_then(|address| address.district.clone()),
        locality: address.and_then(|address| address.city.clone()),
        geo_key: code(own, systems::GEO_KEY, |text| GeoKey::parse(text).ok())?,
        people: code(own, systems::PEOPLE, People::from_code)?,
        language: own.communication.first().and_then(|own| own.language.as_ref()?.text.clone()),
        interpreter: says_yes(&own.extension, systems::INTERPRETER),
        mother: None,
        birth_time: maybe::<Time>(time.and_then(|own| own.value_time.as_deref()), R, "birthDate(birthTime)")?,
        birth_order: order.map_err(|_| at(R, "multipleBirthInteger", Problem::Value))?,
    })
}

pub(crate) fn representative(kept: &Kept<Representative>, writer: &Writer) -> RelatedPerson {
    let own = &kept.value;
    let mut extensions = vec![
        Extension::instant(systems::RECORDED_AT, kept.recorded_at),
        Extension::string(systems::IDENTITY_DOCUMENT, &own.identity_document),
    ];
    extensions.extend(own.proof.as_ref().map(|text| Extension::string(systems::PROOF, text)));
    extensions.extend(own.scope.as_ref().map(|text| Extension::string(systems::SCOPE, text)));
    extensions.extend(kept.closed_on.map(|day| Extension::date(systems::CLOSED_ON, day)));
    let mut relationship = concept(systems::OWN_CODES, own.capacity.code(), Some(own.capacity.label()));
    relationship.text = filled(own.capacity.label());
    RelatedPerson {
        id: Some(kept.id.to_string()),
        extension: extensions,
        active: Some(kept.closed_on.is_none()),
        patient: Some(writer.patient.clone()),
        relationship: vec![relationship],
        name: vec![human_name(&own.name)],
        telecom: phone(own.phone.as_ref()),
        period: own
            .valid_until
            .map(|day| crate::datatypes::Period { start: None, end: Some(day.to_string()) }),
    }
}

pub(crate) fn read_representative(own: &RelatedPerson) -> Result<Kept<Representative>> {
    const R: &str = "RelatedPerson";
    let capacity = own.relationship.first().and_then(|own| own.code_in(systems::OWN_CODES));
    let text = |url| text_of(&own.extension, url).map(str::to_owned);
    let closed = extension(&own.extension, systems::CLOSED_ON).and_then(|own| own.value_date.as_deref());
    let recorded =
        extension(&own.extension, systems::RECORDED_AT).and_then(|own| own.value_instant.as_deref());
    Ok(Kept {
        id: parsed(own.id.as_deref(), R, "id")?,
        value: Representative {
            name: read_name(need(own.name.first(), R, "name")?, R)?,
            capacity: coded(capacity, Capacity::from_code, R, "relationship")?,
            identity_document: text(systems::IDENTITY_DOCUMENT).unwrap_or_default(),
            proof: text(systems::PROOF),
            valid_until: maybe(own.period.as_ref().and_then(|own| own.end.as_deref()), R, "period.end")?,
            scope: text(systems::SCOPE),
            phone: read_phone(&own.telecom, R)?,
        },
        recorded_at: parsed(recorded, R, "extension(registrado-el)")?,
        closed_on: maybe(closed, R, "extension(cerrado-el)")?,
    })
}
