//! Professionals and establishments.

use clinical::identifiers::{Email, Phone, ProfessionalLicense};
use clinical::person::PersonName;
use clinical::practitioner::{Establishment, Practitioner, Specialty, SpecialtyCertificate, Trainee};
use uuid::Uuid;

use crate::datatypes::{
    Address, ContactPoint, Element, Extension, HumanName, Identifier, Period, Reference, code_of, extension,
    filled, identifier, text_of, words,
};
use crate::error::{Problem, Result, at, maybe, need, parsed};
use crate::resources::{Organization, Practitioner as Resource, PractitionerRole, Qualification};
use crate::systems;

/// A name with both surnames, each told apart.
pub(crate) fn human_name(name: &PersonName) -> HumanName {
    let surnames = [
        (systems::FIRST_SURNAME, Some(name.first_surname())),
        (systems::SECOND_SURNAME, name.second_surname()),
    ];
    let surnames =
        surnames.into_iter().filter_map(|(url, own)| Some((url, own.filter(|own| !own.is_empty())?)));
    let family: Vec<&str> = surnames.clone().map(|(_, own)| own).collect();
    let parts: Vec<Extension> = surnames.map(|(url, own)| Extension::string(url, own)).collect();
    HumanName {
        text: Some(name.to_string()),
        family: filled(&family.join(" ")),
        family_element: (!parts.is_empty()).then_some(Element { extension: parts }),
        given: filled(name.given()).into_iter().collect(),
        ..HumanName::default()
    }
}

pub(crate) fn read_name(name: &HumanName, resource: &'static str) -> Result<PersonName> {
    let part =
        |url| name.family_element.as_ref().and_then(|own| text_of(&own.extension, url)).unwrap_or_default();
    let given = name.given.join(" ");
    let (first, second) = (part(systems::FIRST_SURNAME), part(systems::SECOND_SURNAME));
    let read =
        if first.is_empty() { PersonName::single(&given) } else { PersonName::parse(&given, first, second) };
    read.map_err(|_| at(resource, "name", Problem::Value))
}

pub(crate) fn phone(phone: Option<&Phone>) -> Vec<ContactPoint> {
    let point =
        |own: &Phone| ContactPoint { system: Some("phone".to_owned()), value: Some(own.as_str().to_owned()) };
    phone.map(point).into_iter().collect()
}

pub(crate) fn email(email: &Email) -> ContactPoint {
    ContactPoint { system: Some("email".to_owned()), value: Some(email.as_str().to_owned()) }
}

pub(crate) fn read_email(telecom: &[ContactPoint], resource: &'static str) -> Result<Option<Email>> {
    let Some(point) = telecom.iter().find(|point| point.system.as_deref() == Some("email")) else {
        return Ok(None);
    };
    let text = need(point.value.as_deref(), resource, "telecom.value")?;
    Email::parse(text).map(Some).map_err(|_| at(resource, "telecom.value", Problem::Value))
}

pub(crate) fn read_phone(telecom: &[ContactPoint], resource: &'static str) -> Result<Option<Phone>> {
    let Some(point) = telecom.iter().find(|point| point.system.as_deref() != Some("email")) else {
        return Ok(None);
    };
    let text = need(point.value.as_deref(), resource, "telecom.value")?;
    Phone::parse(text).map(Some).map_err(|_| at(resource, "telecom.value", Problem::Value))
}

pub(crate) fn practitioner(id: Uuid, person: &Practitioner) -> Resource {
    let mut qualification = vec![Qualification {
        code: Some(words("Título profesional")),
        issuer: Some(Reference::named(&person.degree_institution)),
        ..Qualification::default()
    }];
    qualification.extend(person.specialty.as_ref().map(|specialty| Qualification {
        identifier: vec![Identifier::new(systems::LICENSE, &specialty.license)],
        code: Some(words(&specialty.name)),
        ..Qualification::default()
    }));
    let certificate = person.specialty.as_ref().and_then(|specialty| specialty.certificate.as_ref());
    qualification.extend(certificate.map(|own| Qualification {
        identifier: vec![Identifier::new(systems::CERTIFICATE, &own.number)],
        code: Some(words("Certificado de especialidad")),
        period: Some(Period { start: None, end: Some(own.valid_until.to_string()) }),
        issuer: Some(Reference::named(&own.council)),
    }));
    let mut identifiers = vec![Identifier::new(systems::PRACTITIONER, person.id)];
    identifiers.extend(filled(person.license.as_str()).map(|own| Identifier::new(systems::LICENSE, own)));
    Resource {
        id: Some(id.to_string()),
        extension: person
            .trainee
            .map(|trainee| Extension::code(systems::TRAINEE, trainee.code()))
            .into_iter()
            .collect(),
        identifier: identifiers,
        name: vec![HumanName {
            prefix: filled(&person.title).into_iter().collect(),
            ..human_name(&person.name)
        }],
        qualification,
    }
}

pub(crate) fn read_practitioner(own: &Resource) -> Result<Practitioner> {
    const R: &str = "Practitioner";
    let license = |text: Option<&str>| match text {
        None => Ok(ProfessionalLicense::none()),
        Some(text) => ProfessionalLicense::parse(text).map_err(|_| at(R, "identifier", Problem::Value)),
    };
    let name = need(own.name.first(), R, "name")?;
    let degree = need(own.qualification.first(), R, "qualification")?;
    let specialty = own.qualification.get(1).map(|other| -> Result<Specialty> {
        Ok(Specialty {
            name: other.code.as_ref().and_then(|code| code.text.clone()).unwrap_or_default(),
            license: license(identifier(&other.identifier, systems::LICENSE))?,
            certificate: own.qualification.get(2).map(read_certificate).transpose()?,
        })
    });
    let trainee = code_of(&own.extension, systems::TRAINEE);
    let trainee = trainee
        .map(|code| Trainee::from_code(code).ok_or_else(|| at(R, "extension(en-formacion)", Problem::Value)));
    Ok(Practitioner {
        id: parsed(identifier(&own.identifier, systems::PRACTITIONER), R, "identifier")?,
        title: name.prefix.first().cloned().unwrap_or_default(),
        name: read_name(name, R)?,
        license: license(identifier(&own.identifier, systems::LICENSE))?,
        degree_institution: degree.issuer.as_ref().and_then(|by| by.display.clone()).unwrap_or_default(),
        specialty: specialty.transpose()?,
        trainee: trainee.transpose()?,
    })
}

fn read_certificate(own: &Qualification) -> Result<SpecialtyCertificate> {
    const R: &str = "Practitioner";
    let end = own.period.as_ref().and_then(|period| period.end.as_deref());
    let number = need(identifier(&own.identifier, systems::CERTIFICATE), R, "qualification.identifier")?;
    Ok(SpecialtyCertificate {
        number: number.to_owned(),
        council: own.issuer.as_ref().and_then(|by| by.display.clone()).unwrap_or_default(),
        valid_until: parsed(end, R, "qualification.period.end")?,
    })
}

pub(crate) fn role(id: Uuid, who: Reference, place: Reference, person: &Practitioner) -> PractitionerRole {
    PractitionerRole {
        id: Some(id.to_string()),
        practitioner: Some(who),
        organization: Some(place),
        specialty: person.specialty.as_ref().map(|own| words(&own.name)).into_iter().collect(),
    }
}

pub(crate) fn organization(id: Uuid, place: &Establishment) -> Organization {
    let mut extensions = vec![Extension::code(systems::TIME_ZONE, &place.time_zone)];
    extensions.extend(filled(&place.owner).map(|own| Extension::string(systems::OWNER, own)));
    extensions.extend(place.institution.as_ref().map(|own| Extension::string(systems::INSTITUTION, own)));
    let clues = place.clues.as_ref().map(|clues| Identifier::new(systems::CLUES, clues));
    let address = filled(&place.address).map(|text| Address { text: Some(text), ..Address::default() });
    Organization {
        id: Some(id.to_string()),
        extension: extensions,
        identifier: clues.into_iter().collect(),
        kind: filled(&place.kind).map(|kind| words(&kind)).into_iter().collect(),
        name: filled(&place.name),
        telecom: phone(place.phone.as_ref()),
        address: address.into_iter().collect(),
    }
}

pub(crate) fn read_organization(own: &Organization) -> Result<Establishment> {
    const R: &str = "Organization";
    let zone = extension(&own.extension, systems::TIME_ZONE).and_then(|zone| zone.value_code.as_deref());
    let text = |url| text_of(&own.extension, url).map(str::to_owned);
    Ok(Establishment {
        kind: own.kind.first().and_then(|kind| kind.text.clone()).unwrap_or_default(),
        name: own.name.clone().unwrap_or_default(),
        address: own.address.first().and_then(|address| address.text.clone()).unwrap_or_default(),
        institution: text(systems::INSTITUTION),
        owner: text(systems::OWNER).unwrap_or_default(),
        phone: read_phone(&own.telecom, R)?,
        clues: maybe(identifier(&own.identifier, systems::CLUES), R, "identifier")?,
        time_zone: need(zone, R, "extension")?.to_owned(),
    })
}
