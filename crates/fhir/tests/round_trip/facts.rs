//! Records of invented facts, one by hand and any number by chance.

use clinical::allergy::{AllergyIntolerance, ReactionKind};
use clinical::attachment::{AttachmentCategory, FileKind};
use clinical::care_act::CareAct;
use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::consent::{ConsentMeans, ConsentPurpose};
use clinical::demographics::{Demographics, Entity, Gender, GeoKey, NoCurp, People, RegisteredSex};
use clinical::digest::Digest;
use clinical::document::{Cancelled, DocumentKind};
use clinical::encounter::{Encounter, EncounterState};
use clinical::identifiers::{Curp, Email, Phone, ProfessionalLicense};
use clinical::laboratory::*;
use clinical::medication::*;
use clinical::observation::{Amount, VitalKind, VitalSign};
use clinical::patient::{Identity, NewPatient};
use clinical::person::{BirthDate, PersonName, Sex};
use clinical::practitioner::{Establishment, Practitioner, Specialty, SpecialtyCertificate};
use clinical::representative::{Capacity, Representative};
use fhir::*;
use jiff::Timestamp;
use jiff::civil::{Date, Time, date};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

fn words() -> impl Strategy<Value = String> {
    "[A-Za-zÁÉÍÓÚáéíóúüñÑ0-9.,;:<>&\"'µ°/%()-]{1,12}( [A-Za-zñ0-9<&\n]{1,8}){0,3}"
}

fn name() -> impl Strategy<Value = PersonName> {
    let part = || "[A-ZÑÁ][a-zñéü]{1,8}( [a-z]{2,3} [A-Z][a-z]{2,5})?";
    (part(), of(part()), of(part())).prop_map(|(given, first, second)| match first {
        Some(first) => PersonName::parse(&given, &first, &second.unwrap_or_default()).unwrap(),
        None => PersonName::single(&given).unwrap(),
    })
}

fn id<T: std::fmt::Debug>(make: fn(Uuid) -> T) -> impl Strategy<Value = T> {
    any::<u128>().prop_map(move |bits| make(Uuid::from_u128(bits)))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..2_000_000_000_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn day() -> impl Strategy<Value = Date> {
    (1901_i16..2090, 1_i8..13, 1_i8..29).prop_map(|(year, month, day)| date(year, month, day))
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn amount() -> impl Strategy<Value = Amount> {
    (1_i64..1_000_000_000_000).prop_map(|n| format!("{}.{:04}", n / 10_000, n % 10_000).parse().unwrap())
}

fn kind() -> impl Strategy<Value = DocumentKind> {
    select(vec!["HC", "NEV", "RX", "ADE", "CCI", "ZZZZ"])
        .prop_map(|code| DocumentKind::from_code(code).unwrap())
}

fn establishment() -> impl Strategy<Value = Establishment> {
    (
        words(),
        words(),
        words(),
        of(words()),
        of(Just("2221234567")),
        of("[A-Z]{5}[0-9]{6}"),
        select(vec!["America/Mexico_City", "America/Tijuana", "UTC"]),
    )
        .prop_map(|(name, address, owner, institution, phone, clues, zone)| Establishment {
            kind: "Consultorio".to_owned(),
            name,
            address,
            institution,
            owner,
            phone: phone.map(|phone| Phone::parse(phone).unwrap()),
            clues,
            time_zone: zone.to_owned(),
        })
}

fn practitioner() -> impl Strategy<Value = Practitioner> {
    let license = || "[0-9]{5,8}".prop_map(|text| ProfessionalLicense::parse(&text).unwrap());
    let certificate = (words(), words(), day())
        .prop_map(|(number, council, valid_until)| SpecialtyCertificate { number, council, valid_until });
    let specialty = (words(), license(), of(certificate))
        .prop_map(|(name, license, certificate)| Specialty { name, license, certificate });
    (
        id(clinical::ids::PractitionerId),
        select(vec!["Dra.", "Dr.", ""]),
        name(),
        license(),
        words(),
        of(specialty),
    )
        .prop_map(|(id, title, name, license, degree_institution, specialty)| Practitioner {
            id,
            title: title.to_owned(),
            name,
            license,
            degree_institution,
            specialty,
            trainee: None,
        })
}

fn demographics() -> impl Strategy<Value = Demographics> {
    let entity = || select(Entity::all().collect::<Vec<_>>());
    let coded = (
        of(select(RegisteredSex::ALL.to_vec())),
        of(select(Gender::ALL.to_vec())),
        of(select(NoCurp::ALL.to_vec())),
        of(select(People::ALL.to_vec())),
        of(Just(GeoKey::parse("211140001").unwrap())),
        of(Just(Email::parse("angeles@ejemplo.mx").unwrap())),
    );
    let said = (of(words()), of(words()), of(words()), of(words()), any::<bool>());
    let time = (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Time::new(hour, minute, 0, 0).unwrap());
    (of(entity()), of(entity()), coded, said, of(time), of(1_u8..5)).prop_map(
        |(
            birth_entity,
            residence,
            (registered_sex, gender, no_curp, people, geo_key, email),
            (nationality, municipality, locality, language, interpreter),
            birth_time,
            birth_order,
        )| Demographics {
            email,
            birth_entity,
            registered_sex,
            gender,
            nationality,
            no_curp,
            residence,
            municipality,
            locality,
            geo_key,
            people,
            language,
            interpreter,
            mother: None,
            birth_time,
            birth_order,
        },
    )
}

fn patient() -> impl Strategy<Value = PatientFacts> {
    let curp = of(Just(Curp::parse("HEGG560427MVZRRL04").unwrap()));
    let birth = || day().prop_map(BirthDate::from_stored);
    let identity = prop_oneof![
        (name(), birth(), curp).prop_map(|(name, birth_date, curp)| Identity::Identified {
            name,
            birth_date,
            curp
        }),
        (words(), birth())
            .prop_map(|(mother_name, birth_date)| Identity::Newborn { mother_name, birth_date }),
        words().prop_map(|label| Identity::Unknown { label }),
    ];
    // The time of birth stands beside the date of birth: without one there is no other.
    let details = (identity, demographics()).prop_map(|(identity, mut details)| {
        details.birth_time = details.birth_time.filter(|_| identity.birth_date().is_some());
        (identity, details)
    });
    (
        id(clinical::ids::PatientId),
        "[0-9]{6}",
        prop::collection::vec("[0-9]{6}", 0..3),
        details,
        select(Sex::ALL.to_vec()),
        of(words()),
        of(words()),
    )
        .prop_map(|(id, record_number, joined, (identity, details), sex, address, occupation)| {
            PatientFacts {
                id,
                record_number,
                joined,
                data: NewPatient { identity, sex, phone: None, address, occupation, details },
            }
        })
}

fn kept<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<Kept<T>>> {
    let one = (id(clinical::ids::EntryId), value, instant(), of(day()))
        .prop_map(|(id, value, recorded_at, closed_on)| Kept { id, value, recorded_at, closed_on });
    prop::collection::vec(one, 0..3)
}

fn allergy() -> impl Strategy<Value = AllergyIntolerance> {
    (words(), select(ReactionKind::ALL.to_vec()), of(words())).prop_map(
        |(substance, reaction_kind, reaction)| AllergyIntolerance { substance, reaction_kind, reaction },
    )
}

fn condition() -> impl Strategy<Value = ConditionEntry> {
    // A code, or several that are joined to a cluster.
    let code = ("[A-Z0-9]{4}([&/][A-Z0-9]{4}){0,2}", words(), of("[A-Z][0-9]{2}"), of("20[0-9]{2}-01"))
        .prop_map(|(icd11, title, icd10, release)| ConditionCode { icd11, title, icd10, release });
    (words(), select(Certainty::ALL.to_vec()), of(code)).prop_map(|(text, certainty, code)| ConditionEntry {
        text,
        certainty,
        code,
    })
}

fn statement() -> impl Strategy<Value = MedicationStatement> {
    (words(), prop::collection::vec(words(), 0..3), of(words()))
        .prop_map(|(medicine, ingredients, taken)| MedicationStatement { medicine, ingredients, taken })
}

fn care_act() -> impl Strategy<Value = CareAct> {
    // Some of them this program knows, and some it does not.
    let act = prop_oneof![Just("mammography".to_owned()), "[a-z_]{3,12}"];
    (act, day(), of(words())).prop_map(|(act, on, place)| CareAct { act, on, place })
}

fn request() -> impl Strategy<Value = MedicationRequest> {
    let dose = (amount(), select(DoseUnit::ALL.to_vec()))
        .prop_map(|(amount, unit)| Dose::new(amount, unit).unwrap());
    let frequency = prop_oneof![
        (1_u16..700).prop_map(Frequency::EveryHours),
        Just(Frequency::Once),
        words().prop_map(Frequency::Schedule),
    ];
    let said = (of(words()), of(words()), of(words()), of(words()));
    (
        statement(),
        said,
        of(dose),
        of(select(Route::ALL.to_vec())),
        of(frequency),
        of(any::<u16>()),
        any::<bool>(),
        select(RequestAction::ALL.to_vec()),
    )
        .prop_map(
            |(
                named,
                (brand, presentation, quantity, instructions),
                dose,
                route,
                frequency,
                duration_days,
                as_needed,
                action,
            )| MedicationRequest {
                medicine: named.medicine,
                ingredients: named.ingredients,
                brand,
                presentation,
                dose,
                route,
                frequency,
                duration_days,
                as_needed,
                quantity,
                instructions,
                dispensing: clinical::medication::Dispensing {
                    fraction: (action == RequestAction::Change)
                        .then_some(clinical::medication::Fraction::III),
                    fills: duration_days.map(|days| days.to_le_bytes()[0]),
                    may_substitute: as_needed,
                    special_folio: as_needed.then(|| "FOLIO-7".to_owned()),
                },
                action,
            },
        )
}

fn measurements() -> impl Strategy<Value = Vec<Measurement>> {
    let sign = (select(VitalKind::ALL.to_vec()), 0_i32..4_000).prop_filter_map("possible", |(kind, n)| {
        let value =
            if kind == VitalKind::Height { format!("1.{n:04}") } else { format!("{}.{}", n / 10, n % 10) };
        VitalSign::new(kind, value.parse().ok()?).ok()
    });
    let one = (
        id(clinical::ids::EntryId),
        sign,
        select(vec![0_i64, 86_400_000]),
        instant(),
        of(id(clinical::ids::EncounterId)),
    )
        .prop_map(|(id, sign, taken, recorded_at, _)| Measurement {
            id,
            sign,
            taken_at: Timestamp::from_millisecond(taken).unwrap(),
            recorded_at,
            encounter_id: None,
        });
    prop::collection::vec(one, 0..6).prop_map(|mut all| {
        all.sort_by_key(|own| own.id);
        all
    })
}

fn lab_result() -> impl Strategy<Value = LabResult> {
    let comparator =
        of(select(vec![Comparator::Less, Comparator::AtMost, Comparator::More, Comparator::AtLeast]));
    let value = prop_oneof![
        (comparator, amount()).prop_map(|(comparator, amount)| LabValue::Quantity { comparator, amount }),
        words().prop_map(LabValue::Text),
    ];
    let bound = || of((amount(), any::<bool>()).prop_map(|(at, inclusive)| Bound { at, inclusive }));
    let range =
        (words(), bound(), bound()).prop_map(|(printed, low, high)| ReferenceRange { printed, low, high });
    let flag = select(vec![
        LabFlag::Low,
        LabFlag::High,
        LabFlag::CriticalLow,
        LabFlag::CriticalHigh,
        LabFlag::Abnormal,
    ]);
    (words(), of("[0-9]{4}-[0-9]"), value, of(words()), of("[a-z/]{2,6}"), of(range), of(flag), of(words()))
        .prop_map(|(analyte, loinc, value, unit, ucum, range, flag, comment)| LabResult {
            analyte,
            loinc,
            value,
            unit,
            ucum,
            range,
            flag,
            comment,
        })
}

fn report() -> impl Strategy<Value = Report> {
    let version = (id(clinical::ids::LabResultId), 0_i64..20, lab_result(), instant(), of(words()));
    let time = (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Time::new(hour, minute, 0, 0).unwrap());
    let source = select(vec![ResultSource::Typed, ResultSource::Csv, ResultSource::Hl7]);
    (
        id(clinical::ids::LabReportId),
        of(words()),
        of(words()),
        (day(), of(time)),
        source,
        instant(),
        prop::collection::vec(version, 0..4),
    )
        .prop_map(|(id, panel, laboratory, (day, time), source, recorded_at, versions)| {
            let mut results: Vec<ResultVersion> = Vec::new();
            for (number, (id, place, result, recorded_at, reason)) in versions.into_iter().enumerate() {
                let supersedes = if number == 1 { results.first().map(|first| first.id) } else { None };
                let state = if supersedes.is_some() { ResultState::Corrected } else { ResultState::Final };
                results.push(ResultVersion { id, place, state, supersedes, reason, result, recorded_at });
            }
            Report { id, panel, laboratory, taken: TakenAt { day, time }, source, recorded_at, results }
        })
}

fn consent() -> impl Strategy<Value = ConsentFacts> {
    (
        id(clinical::ids::ConsentId),
        select(ConsentPurpose::ALL.to_vec()),
        "[0-9]{1,2}",
        any::<bool>(),
        select(ConsentMeans::ALL.to_vec()),
        of(words()),
        instant(),
        of(instant()),
    )
        .prop_map(|(id, purpose, text_version, given, means, answered_by, recorded_at, until)| {
            ConsentFacts { id, purpose, text_version, given, means, answered_by, recorded_at, until }
        })
}

fn document() -> impl Strategy<Value = DocumentFacts> {
    let section =
        (words(), of(select(vec!["8716-3", "11450-4", "18776-5"])), prop::collection::vec(words(), 1..4))
            .prop_map(|(title, loinc, lines)| Section { title, loinc: loinc.map(str::to_owned), lines });
    let seal = (digest(), digest(), 1_i64..1_000_000, digest(), digest()).prop_map(
        |(content_digest, pdf_digest, sequence, previous, digest)| Seal {
            content_digest,
            pdf_digest,
            sequence,
            previous,
            digest,
        },
    );
    let said = (
        prop::collection::vec(section, 0..4),
        prop::collection::vec(condition(), 0..3),
        prop::collection::vec(request(), 0..3),
    );
    (
        (id(clinical::ids::DocumentId), kind(), words()),
        establishment(),
        practitioner(),
        (instant(), instant()),
        said,
        of(digest()),
        seal,
        (any::<bool>(), of(digest()), of((instant(), words(), words()))),
    )
        .prop_map(
            |(
                (id, kind, title),
                establishment,
                author,
                (act_at, signed_at),
                (sections, conditions, medication_requests),
                transcript,
                seal,
                (external, efirma, cancelled),
            )| DocumentFacts {
                id,
                kind,
                title,
                establishment,
                author,
                act_at,
                signed_at,
                encounter_id: None,
                amends: None,
                sections,
                conditions,
                medication_requests,
                transcript,
                seal,
                external,
                efirma,
                cancelled: cancelled.map(|(at, by, reason)| Cancelled { at, by, reason }),
            },
        )
}

fn file() -> impl Strategy<Value = FileFacts> {
    let kind = select(vec![FileKind::Pdf, FileKind::Jpeg, FileKind::Ogg]);
    (
        id(clinical::ids::AttachmentId),
        select(AttachmentCategory::ALL.to_vec()),
        kind,
        words(),
        words(),
        of(day()),
        instant(),
        digest(),
        of((instant(), words(), words())),
    )
        .prop_map(
            |(id, category, kind, title, file_name, studied_on, recorded_at, digest, withdrawn)| FileFacts {
                id,
                category,
                kind,
                title,
                file_name,
                studied_on,
                recorded_at,
                size_bytes: 812_000,
                digest,
                withdrawn,
            },
        )
}

fn representative() -> impl Strategy<Value = Representative> {
    (name(), select(Capacity::ALL.to_vec()), words(), of(words()), of(day()), of(words())).prop_map(
        |(name, capacity, identity_document, proof, valid_until, scope)| Representative {
            name,
            capacity,
            identity_document,
            proof,
            valid_until,
            scope,
            phone: None,
        },
    )
}

pub(super) fn record() -> impl Strategy<Value = Record> {
    let who = (instant(), establishment(), patient(), kept(representative()));
    let summary = (
        kept(allergy()),
        of(instant()),
        kept(condition()),
        kept(statement()),
        kept(care_act()),
        measurements(),
    );
    let rest = (
        prop::collection::vec(report(), 0..3),
        prop::collection::vec(consent(), 0..3),
        prop::collection::vec(document(), 0..3),
        prop::collection::vec(file(), 0..3),
        of((id(clinical::ids::EncounterId), practitioner(), instant(), words())),
    );
    (who, summary, rest).prop_map(
        |(
            (exported_at, establishment, patient, representatives),
            (allergies, allergies_denied, conditions, medications, acts, mut observations),
            (reports, consents, mut documents, files, visit),
        )| {
            let mut encounters = Vec::new();
            if let Some((id, by, started_at, reason)) = visit {
                let encounter = Encounter {
                    id,
                    patient_id: patient.id,
                    practitioner_id: by.id,
                    appointment_id: None,
                    started_at,
                    reason,
                    state: match id.0.as_u128().is_multiple_of(2) {
                        true => EncounterState::Finished,
                        false => EncounterState::Arrived,
                    },
                    document: DocumentKind::PROGRESS_NOTE,
                };
                encounters.push((encounter, by));
                observations.iter_mut().take(3).for_each(|own| own.encounter_id = Some(id));
                documents.iter_mut().take(2).for_each(|own| own.encounter_id = Some(id));
            }
            if let [first, second, ..] = documents.as_mut_slice() {
                second.amends = Some(first.id);
            }
            Record {
                exported_at,
                establishment,
                patient,
                representatives,
                allergies,
                allergies_denied,
                conditions,
                medications,
                acts,
                observations,
                encounters,
                reports,
                consents,
                documents,
                files,
            }
        },
    )
}

/// A small record.
pub(super) fn example() -> Record {
    let at: Timestamp = "2026-03-10T16:00:00Z".parse().unwrap();
    Record {
        exported_at: at,
        establishment: Establishment {
            kind: "Consultorio".to_owned(),
            name: "Consultorio de prueba".to_owned(),
            address: "Calle Inventada 1".to_owned(),
            institution: None,
            owner: "Inés Prueba".to_owned(),
            phone: None,
            clues: None,
            time_zone: "America/Mexico_City".to_owned(),
        },
        patient: PatientFacts {
            id: clinical::ids::PatientId(Uuid::from_u128(1)),
            record_number: "000012".to_owned(),
            joined: Vec::new(),
            data: NewPatient {
                identity: Identity::Identified {
                    name: PersonName::parse("Gloria", "Hernández", "Ñúñez").unwrap(),
                    birth_date: BirthDate::from_stored(date(1962, 1, 12)),
                    curp: None,
                },
                sex: Sex::Female,
                phone: None,
                address: None,
                occupation: None,
                details: Demographics::default(),
            },
        },
        representatives: Vec::new(),
        allergies: Vec::new(),
        allergies_denied: Some(at),
        conditions: Vec::new(),
        medications: Vec::new(),
        acts: Vec::new(),
        observations: Vec::new(),
        encounters: Vec::new(),
        reports: Vec::new(),
        consents: vec![ConsentFacts {
            id: clinical::ids::ConsentId(Uuid::from_u128(2)),
            purpose: ConsentPurpose::PrivacyNotice,
            text_version: "1".to_owned(),
            given: true,
            means: ConsentMeans::Paper,
            answered_by: None,
            recorded_at: at,
            until: None,
        }],
        documents: Vec::new(),
        files: Vec::new(),
    }
}
