//! The bundle: all resources of a record in one text, and the record again from such a text.

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clinical::condition::ConditionEntry;
use clinical::digest::Digest;
use clinical::ids::DocumentId;
use clinical::medication::MedicationRequest;
use clinical::practitioner::{Establishment, Practitioner};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::{DeserializeOwned, DeserializeSeed};
use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use uuid::Uuid;

use crate::datatypes::{Reference, full_url};
use crate::documents::{Lookup, document, read_document, read_efirma, read_seal};
use crate::error::{FhirError, Problem, Result, at, need};
use crate::files::{file, is_file, read_file};
use crate::laboratory::{read_report, read_result, report};
use crate::patient::{patient, read_patient, read_representative, representative};
use crate::people::{read_organization, read_practitioner};
use crate::prescription::read_request;
use crate::record::{Record, ResultVersion, Seal};
use crate::resources::{self, Resource};
use crate::strict::Strict;
use crate::summary::{
    ReadAllergy, allergy, no_allergy, observations, problem, procedure, read_allergy, read_condition_entry,
    read_problem, read_procedure, read_statement, read_vital_signs, statement,
};
use crate::visits::{consent, encounter, read_consent, read_encounter};
use crate::writer::{Writer, derived};
use crate::{Files, paths, systems};

/// What stands after the last entry.
pub const END: &str = "\n]}\n";

/// The beginning of a bundle with every resource of the record; entries of files ([`binary`]) and events may follow
/// ([`entry`]), then [`END`].
#[must_use]
pub fn begin(record: &Record, files: Files) -> String {
    let resources = resources_of(record, files);
    let mut text = format!(
        "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"timestamp\":\"{}\",\"entry\":[",
        record.exported_at
    );
    for (number, resource) in resources.iter().enumerate() {
        // Serialising plain structs of text and numbers cannot fail.
        let value = serde_json::to_string(resource).unwrap_or_default();
        let id = id_of(resource).unwrap_or_default();
        text.push_str(if number == 0 { "\n" } else { ",\n" });
        text.push_str(&format!("{{\"fullUrl\":\"{}\",\"resource\":{value}}}", full_url(id)));
    }
    text
}

/// One more entry, for a resource of another making.
#[must_use]
pub fn entry(id: &str, resource: &Value) -> String {
    format!(",\n{{\"fullUrl\":\"{}\",\"resource\":{resource}}}", full_url(id))
}

/// The entry with the bytes of the PDF of a document or of a file.
#[must_use]
pub fn binary(of: &Uuid, media_type: &str, bytes: &[u8]) -> String {
    let id = paths::binary(of).to_string();
    let resource = Resource::Binary(resources::Binary {
        id: Some(id.clone()),
        content_type: Some(media_type.to_owned()),
        data: Some(BASE64_STANDARD.encode(bytes)),
    });
    let value = serde_json::to_string(&resource).unwrap_or_default();
    format!(",\n{{\"fullUrl\":\"{}\",\"resource\":{value}}}", full_url(id))
}

fn resources_of(record: &Record, files: Files) -> Vec<Resource> {
    let zone = TimeZone::get(&record.establishment.time_zone).unwrap_or(TimeZone::UTC);
    let mut writer = Writer::new(record.patient.id, zone);
    let place = writer.organization(&record.establishment);
    // The patient comes first, for who reads the file from its beginning.
    writer.resources.insert(0, patient(&record.patient, place.clone()).into());
    for kept in &record.representatives {
        writer.push(representative(kept, &writer));
    }
    for kept in &record.allergies {
        writer.push(allergy(kept, &writer));
    }
    if record.allergies_denied.is_some() || record.allergies.iter().all(|kept| kept.closed_on.is_some()) {
        writer.push(no_allergy(record.allergies_denied, &writer));
    }
    for kept in &record.conditions {
        writer.push(problem(kept, &writer));
    }
    for kept in &record.medications {
        writer.push(statement(kept, &writer));
    }
    for kept in &record.acts {
        writer.push(procedure(kept, &writer));
    }
    for (own, by) in &record.encounters {
        let who = writer.practitioner(by);
        writer.push(encounter(own, who, &writer));
    }
    let measured = observations(&record.observations, &writer);
    for own in &record.reports {
        let (report, results) = report(own, &writer);
        writer.push(report);
        results.into_iter().for_each(|result| writer.push(result));
    }
    for own in &record.consents {
        writer.push(consent(own, place.clone(), &writer));
    }
    for own in &record.documents {
        document(own, &measured, files, &mut writer);
    }
    measured.into_iter().for_each(|own| writer.push(own));
    for own in &record.files {
        writer.push(file(own, files, &writer));
    }
    writer.resources
}

fn id_of(resource: &Resource) -> Option<&str> {
    macro_rules! id {
        ($($name:ident)*) => { match resource { $(Resource::$name(own) => own.id.as_deref()),* } };
    }
    id!(Patient RelatedPerson Practitioner PractitionerRole Organization Encounter AllergyIntolerance Condition
        MedicationStatement Procedure MedicationRequest Observation DiagnosticReport Composition DocumentReference Binary
        Consent Provenance)
}

/// Reads a record again.
///
/// # Errors
/// [`FhirError`] for anything that is not exactly what [`begin`] writes: nothing is guessed and nothing left out.
pub fn read(text: &[u8]) -> Result<Record> {
    let mut parts = Parts::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = deserializer.deserialize_map(BundleVisitor(&mut parts)).and_then(|()| deserializer.end());
    if let Some(problem) = parts.problem {
        return Err(problem);
    }
    read.map_err(|error| FhirError::Json { line: error.line(), column: error.column() })?;
    if parts.types != ["Bundle", "collection"] {
        return Err(FhirError::NotARecord);
    }
    parts.record()
}

/// The resources of a bundle by their type, each under the name it has inside the bundle.
#[derive(Default)]
struct Parts {
    types: Vec<String>,
    timestamp: Option<Timestamp>,
    problem: Option<FhirError>,
    urls: HashMap<String, usize>,
    all: Vec<Resource>,
}

struct BundleVisitor<'a>(&'a mut Parts);

impl<'de> Visitor<'de> for BundleVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Bundle")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> std::result::Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(key) = object.next_key::<String>()? {
            if seen.contains(&key) {
                return Err(A::Error::custom("a key stands twice"));
            }
            match key.as_str() {
                "resourceType" => self.0.types.insert(0, object.next_value()?),
                "type" => self.0.types.push(object.next_value()?),
                "timestamp" => self.0.timestamp = object.next_value::<String>()?.parse().ok(),
                "entry" => object.next_value_seed(Entries(self.0))?,
                _ => {
                    object.next_value::<IgnoredAny>()?;
                    self.0.problem = Some(FhirError::NotARecord);
                    return Err(A::Error::custom("not a Bundle of ours"));
                }
            }
            seen.push(key);
        }
        Ok(())
    }
}

/// Takes one entry after the other, so that a large bundle is not in memory twice.
struct Entries<'a>(&'a mut Parts);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        while let Some(Strict(entry)) = list.next_element()? {
            if let Err(problem) = self.0.take(entry) {
                self.0.problem = Some(problem);
                return Err(A::Error::custom("an entry that cannot be read"));
            }
        }
        Ok(())
    }
}

impl Parts {
    fn take(&mut self, entry: Value) -> Result<()> {
        let wrong = |element| at("Bundle", element, Problem::Form);
        let Value::Object(mut entry) = entry else { return Err(wrong("entry")) };
        let (url, resource) = (entry.remove("fullUrl"), entry.remove("resource"));
        let (Some(Value::String(url)), Some(Value::Object(mut resource)), true) =
            (url, resource, entry.is_empty())
        else {
            return Err(wrong("entry"));
        };
        let Some(Value::String(kind)) = resource.remove("resourceType") else {
            return Err(wrong("entry.resource"));
        };
        let resource = Value::Object(resource);
        macro_rules! read {
            ($($name:ident)*) => {
                match kind.as_str() {
                    $(stringify!($name) => Resource::$name(typed(stringify!($name), resource)?),)*
                    // Events of the bitácora are for people; they stay where they happened.
                    "AuditEvent" => return Ok(()),
                    _ => return Err(FhirError::UnknownResource),
                }
            };
        }
        let resource = read!(Patient RelatedPerson Practitioner PractitionerRole Organization Encounter
            AllergyIntolerance Condition MedicationStatement Procedure MedicationRequest Observation DiagnosticReport
            Composition DocumentReference Binary Consent Provenance);
        if id_of(&resource).map(full_url).as_ref() != Some(&url) {
            return Err(at("Bundle", "entry.fullUrl", Problem::Value));
        }
        if let Resource::Binary(_) = resource {
            return Ok(());
        }
        if self.urls.insert(url, self.all.len()).is_some() {
            return Err(at("Bundle", "entry.fullUrl", Problem::Repeated));
        }
        self.all.push(resource);
        Ok(())
    }

    fn get(&self, url: &str) -> Option<&Resource> {
        self.all.get(*self.urls.get(url)?)
    }

    fn record(self) -> Result<Record> {
        let mut patients =
            self.all.iter().filter_map(|own| if let Resource::Patient(own) = own { Some(own) } else { None });
        let (Some(own), None) = (patients.next(), patients.next()) else {
            return Err(at("Bundle", "entry(Patient)", Problem::Missing));
        };
        let facts = read_patient(own)?;
        let mut record = Record {
            exported_at: need(self.timestamp, "Bundle", "timestamp")?,
            establishment: self.place(
                own.managing_organization.as_ref(),
                "Patient",
                "managingOrganization",
            )?,
            patient: facts,
            representatives: Vec::new(),
            allergies: Vec::new(),
            allergies_denied: None,
            conditions: Vec::new(),
            medications: Vec::new(),
            acts: Vec::new(),
            observations: Vec::new(),
            encounters: Vec::new(),
            reports: Vec::new(),
            consents: Vec::new(),
            documents: Vec::new(),
            files: Vec::new(),
        };
        let mut results = self.results()?;
        let lookup = Found { parts: &self, seals: self.seals()? };
        for resource in &self.all {
            read_into(&mut record, resource, &lookup, &mut results)?;
        }
        if !results.is_empty() {
            return Err(at("Observation", "id", Problem::Dangling));
        }
        record.observations.sort_by_key(|own| own.id);
        Ok(record)
    }

    /// Laboratory results by their name in the bundle; a report takes its own.
    fn results(&self) -> Result<HashMap<String, ResultVersion>> {
        let mut all = HashMap::new();
        for resource in &self.all {
            if let Resource::Observation(own) = resource
                && is_laboratory(own)
            {
                let version = read_result(own)?;
                all.insert(full_url(version.id), version);
            }
        }
        Ok(all)
    }

    fn seals(&self) -> Result<HashMap<DocumentId, Seal>> {
        let mut seals = HashMap::new();
        for resource in &self.all {
            if let Resource::Provenance(own) = resource {
                let (id, seal) = read_seal(own)?;
                if seals.insert(id, seal).is_some() {
                    return Err(at("Provenance", "target", Problem::Repeated));
                }
            }
        }
        Ok(seals)
    }

    fn place(
        &self,
        reference: Option<&Reference>,
        resource: &'static str,
        element: &str,
    ) -> Result<Establishment> {
        match reference.and_then(|own| self.get(own.reference.as_deref()?)) {
            Some(Resource::Organization(own)) => read_organization(own),
            _ => Err(at(resource, element, Problem::Dangling)),
        }
    }

    fn person(
        &self,
        reference: Option<&Reference>,
        resource: &'static str,
        element: &str,
    ) -> Result<Practitioner> {
        match reference.and_then(|own| self.get(own.reference.as_deref()?)) {
            Some(Resource::Practitioner(own)) => read_practitioner(own),
            _ => Err(at(resource, element, Problem::Dangling)),
        }
    }
}

fn is_laboratory(own: &resources::Observation) -> bool {
    own.category.iter().any(|category| category.code_in(systems::OBSERVATION_CATEGORY) == Some("laboratory"))
}

/// One resource, with the element that is wrong named by its path.
fn typed<T: DeserializeOwned>(resource: &'static str, value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        // Only names of elements and numbers: a path is never a word of the record.
        let element = path.chars().filter(|c| c.is_ascii_alphanumeric() || ".[]_".contains(*c)).take(120);
        let element: String = element.collect();
        let unknown = element.chars().all(|c| c == '.');
        at(resource, if unknown { "(elemento desconocido)" } else { &element }, Problem::Form)
    })
}

struct Found<'a> {
    parts: &'a Parts,
    seals: HashMap<DocumentId, Seal>,
}

impl Lookup for Found<'_> {
    fn establishment(&self, reference: Option<&Reference>) -> Result<Establishment> {
        self.parts.place(reference, "Composition", "custodian")
    }

    fn author(&self, reference: Option<&Reference>) -> Result<Practitioner> {
        self.parts.person(reference, "Composition", "author")
    }

    fn condition(&self, url: &str) -> Option<Result<ConditionEntry>> {
        match self.parts.get(url)? {
            Resource::Condition(own) => Some(read_condition_entry(own)),
            _ => None,
        }
    }

    fn request(&self, url: &str) -> Option<Result<MedicationRequest>> {
        match self.parts.get(url)? {
            Resource::MedicationRequest(own) => Some(read_request(own)),
            _ => None,
        }
    }

    fn seal(&self, id: DocumentId) -> Option<Seal> {
        self.seals.get(&id).copied()
    }

    fn efirma(&self, id: DocumentId) -> Result<Option<Digest>> {
        match self.parts.get(&full_url(derived("pdf", id))) {
            Some(Resource::DocumentReference(own)) => read_efirma(own),
            _ => Ok(None),
        }
    }
}

fn read_into(
    record: &mut Record,
    resource: &Resource,
    lookup: &Found<'_>,
    results: &mut HashMap<String, ResultVersion>,
) -> Result<()> {
    match resource {
        Resource::RelatedPerson(own) => record.representatives.push(read_representative(own)?),
        Resource::AllergyIntolerance(own) => match read_allergy(own)? {
            ReadAllergy::Known(kept) => record.allergies.push(kept),
            ReadAllergy::Denied(at) => record.allergies_denied = Some(at),
            ReadAllergy::NotAsked => {}
        },
        Resource::Condition(own) => {
            let code = own.category.first().and_then(|own| own.code_in(systems::CONDITION_CATEGORY));
            if code == Some("problem-list-item") {
                record.conditions.push(read_problem(own)?);
            }
        }
        Resource::MedicationStatement(own) => record.medications.push(read_statement(own)?),
        Resource::Procedure(own) => record.acts.push(read_procedure(own)?),
        Resource::Observation(own) if !is_laboratory(own) => {
            record.observations.extend(read_vital_signs(own)?);
        }
        Resource::Encounter(own) => {
            let who = own.participant.first().and_then(|own| own.individual.as_ref());
            let who = lookup.parts.person(who, "Encounter", "participant.individual")?;
            record.encounters.push(read_encounter(own, record.patient.id, who)?);
        }
        Resource::DiagnosticReport(own) => {
            record.reports.push(read_report(own, |url| results.remove(url))?);
        }
        Resource::Composition(own) => record.documents.push(read_document(own, lookup)?),
        Resource::DocumentReference(own) if is_file(own) => record.files.push(read_file(own)?),
        Resource::Consent(own) => record.consents.push(read_consent(own)?),
        _ => {}
    }
    Ok(())
}
