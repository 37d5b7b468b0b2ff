//! What all resources of one bundle share while it is written: the people and establishments they name, each once.

use clinical::practitioner::{Establishment, Practitioner};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::datatypes::Reference;
use crate::people;
use crate::resources::Resource;

/// An id that follows from what it names, so that the same record gives the same bundle.
pub(crate) fn derived(kind: &str, of: impl std::fmt::Display) -> Uuid {
    let digest = Sha256::digest(format!("medicus-fhir/{kind}/{of}"));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

pub(crate) struct Writer {
    pub(crate) resources: Vec<Resource>,
    pub(crate) zone: TimeZone,
    pub(crate) patient: Reference,
    people: Vec<(Practitioner, Uuid)>,
    places: Vec<(Establishment, Uuid)>,
    roles: Vec<Uuid>,
}

impl Writer {
    pub(crate) fn new(patient: impl std::fmt::Display, zone: TimeZone) -> Self {
        Self {
            resources: Vec::new(),
            zone,
            patient: Reference::to(patient),
            people: Vec::new(),
            places: Vec::new(),
            roles: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, resource: impl Into<Resource>) {
        self.resources.push(resource.into());
    }

    /// The reference to a professional as they were then; their resource is added once.
    pub(crate) fn practitioner(&mut self, person: &Practitioner) -> Reference {
        let name = person.full_name();
        if let Some((_, id)) = self.people.iter().find(|(known, _)| known == person) {
            return Reference::to_named(id, &name);
        }
        let id = derived("practitioner", serde_json::to_string(person).unwrap_or_default());
        self.people.push((person.clone(), id));
        self.push(people::practitioner(id, person));
        Reference::to_named(id, &name)
    }

    /// The same for an establishment.
    pub(crate) fn organization(&mut self, place: &Establishment) -> Reference {
        if let Some((_, id)) = self.places.iter().find(|(known, _)| known == place) {
            return Reference::to_named(id, &place.name);
        }
        let id = derived("organization", serde_json::to_string(place).unwrap_or_default());
        self.places.push((place.clone(), id));
        self.push(people::organization(id, place));
        Reference::to_named(id, &place.name)
    }

    /// That a professional works in an establishment.
    pub(crate) fn role(&mut self, person: &Practitioner, place: &Establishment) {
        let (who, place) = (self.practitioner(person), self.organization(place));
        let name = format!("{:?}{:?}", who.reference, place.reference);
        let id = derived("role", name);
        if !self.roles.contains(&id) {
            self.roles.push(id);
            self.push(people::role(id, who, place, person));
        }
    }

    /// An instant with the offset of the establishment.
    pub(crate) fn date_time(&self, at: Timestamp) -> String {
        at.display_with_offset(self.zone.to_offset(at)).to_string()
    }
}

/// Reads [`Writer::date_time`] and instants.
pub(crate) fn read_instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
