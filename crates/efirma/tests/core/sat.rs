//! What SAT's own test files say, and what is to be said of them.

use std::path::Path;

use efirma::inspect::Inspection;
use efirma::trust::{ChainError, Purpose, TrustError, World};
use efirma::{Certificate, Kind, Refusal, TrustStore, refusal};

use crate::pki::{sat_files, time};

fn certificate(folder: &Path, name: &str) -> Certificate {
    Certificate::read(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

fn store(folder: &Path, names: &[&str]) -> TrustStore {
    TrustStore::new(names.iter().map(|name| certificate(folder, name)).collect()).unwrap()
}

/// A row of what is known of a file: kind, name, serial, RFC, CURP, RFC and CURP of the representative.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const FILES: [(&str, Row); 15] = [
    (
        "fisica/KAHO641101B39.cer",
        (
            "efirma_fisica",
            "OSCAR KALA HAAK",
            "30001000000400002305",
            "KAHO641101B39",
            "KAHO641101HNTLKS06",
            "",
            "",
        ),
    ),
    (
        "fisica/CACX7605101P8.cer",
        (
            "efirma_fisica",
            "XOCHILT CASAS CHAVEZ",
            "30001000000400002300",
            "CACX7605101P8",
            "CACX760510MGTSHC04",
            "",
            "",
        ),
    ),
    (
        "fisica/WATM640917J45.cer",
        (
            "efirma_fisica",
            "MARIA WATEMBER TORRES",
            "30001000000400002308",
            "WATM640917J45",
            "WATM640917MHGTRR01",
            "",
            "",
        ),
    ),
    (
        "fisica/RAQN7701212M3-enye.cer",
        (
            "efirma_fisica",
            "ÑEVES RAMIREZ QUEZADA",
            "30001000000400002430",
            "RAQÑ7701212M3",
            "RAQN770121HDFMZV08",
            "",
            "",
        ),
    ),
    (
        "moral/EKU9003173C9-2023.cer",
        (
            "efirma_moral",
            "ESCUELA KEMPER URGATE SA DE CV",
            "30001000000500003415",
            "EKU9003173C9",
            "",
            "VADA800927DJ3",
            "VADA800927HSRSRL05",
        ),
    ),
    (
        "moral/EKU9003173C9-2019.cer",
        (
            "efirma_moral",
            "ESCUELA KEMPER URGATE SA DE CV",
            "30001000000400002417",
            "EKU9003173C9",
            "",
            "XIQB891116QE4",
            "XIQB891116MGRMZR05",
        ),
    ),
    (
        "moral/HnE951128469-ampersand.cer",
        (
            "efirma_moral",
            "HERRERIA & ELECTRICOS S DE CV",
            "30001000000400002460",
            "H&E951128469",
            "",
            "XOJI740919U48",
            "XOJI740919MQTDMN02",
        ),
    ),
    (
        "moral/AAA010101AAA-2017.cer",
        (
            "efirma_moral",
            "ACCEM SERVICIOS EMPRESARIALES SC",
            "30001000000300023685",
            "AAA010101AAA",
            "",
            "HEGT7610034S2",
            "HEGT761003MDFRNN09",
        ),
    ),
    (
        "csd/EKU9003173C9-2023-csd.cer",
        ("csd", "ESCUELA KEMPER URGATE SA DE CV", "30001000000500003416", "EKU9003173C9", "", "", ""),
    ),
    (
        "csd/EKU9003173C9-2019-csd.cer",
        ("csd", "ESCUELA KEMPER URGATE SA DE CV", "30001000000400002434", "EKU9003173C9", "", "", ""),
    ),
    (
        "csd/KAHO641101B39-csd.cer",
        ("csd", "OSCAR KALA HAAK", "30001000000400002329", "KAHO641101B39", "", "", ""),
    ),
    (
        "misc/SAT970701NN3-prod-00001000000504465028.cer",
        ("csd", "SERVICIO DE ADMINISTRACION TRIBUTARIA", "00001000000504465028", "SAT970701NN3", "", "", ""),
    ),
    (
        "test-pki/PENJ8001019A0.cer",
        (
            "efirma_fisica",
            "JUANA PÉREZ NÚÑEZ",
            "30001000000599990001",
            "PENJ8001019A0",
            "PENJ800101MDFRXN07",
            "",
            "",
        ),
    ),
    (
        "test-pki/RELM750505AB0.cer",
        (
            "efirma_fisica",
            "MARIO REVOCADO LÓPEZ",
            "30001000000599990002",
            "RELM750505AB0",
            "RELM750505HDFVPR04",
            "",
            "",
        ),
    ),
    ("ca/prod/AC5_SAT.cer", ("autoridad", "AUTORIDAD CERTIFICADORA", "00000000000000001106", "", "", "", "")),
];

#[test]
fn every_file_of_sat_is_read_as_what_it_is() {
    let Some(folder) = sat_files() else { return };
    for (name, expected) in FILES {
        let seen = Inspection::of(&certificate(&folder, name), None, false, time("2021-06-01T12:00:00Z"));
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let rest = [
            text(&seen.rfc),
            text(&seen.curp),
            text(&seen.representative_rfc),
            text(&seen.representative_curp),
        ];
        let seen = (
            seen.kind,
            &seen.name[..],
            &seen.serial[..],
            &rest[0][..],
            &rest[1][..],
            &rest[2][..],
            &rest[3][..],
        );
        assert_eq!(seen, expected, "{name}");
    }
}

#[test]
fn the_fingerprint_and_the_dates_are_those_of_openssl() {
    let Some(folder) = sat_files() else { return };
    let eku = Inspection::of(
        &certificate(&folder, "moral/EKU9003173C9-2023.cer"),
        None,
        false,
        time("2026-11-26T00:00:00Z"),
    );
    assert_eq!(eku.sha256, "256432344c27b1e0d7884913abec66441871ad297faf5819999a68b18a6556b0");
    assert_eq!((eku.validity, eku.test, eku.key_bits), ("vigente", true, Some(2048)));
    let kaho = certificate(&folder, "fisica/KAHO641101B39.cer");
    assert_eq!(kaho.valid_from(), time("2019-05-28T21:52:23Z"));
    assert_eq!(kaho.valid_until(), time("2023-05-27T21:52:23Z"));
}

#[test]
fn only_the_efirma_of_a_natural_person_in_its_time_may_sign_and_the_reason_is_said() {
    let Some(folder) = sat_files() else { return };
    let check = |name: &str, at: &str, expected: &str| {
        let certificate = certificate(&folder, name);
        let seen = refusal::signer(&certificate, time(at)).map(|person| person.rfc.clone());
        let said = seen.unwrap_or_else(|refusal| refusal.to_string());
        assert!(said.contains(expected), "{name}: {said}");
    };
    check("fisica/KAHO641101B39.cer", "2021-06-01T12:00:00Z", "KAHO641101B39");
    check("fisica/RAQN7701212M3-enye.cer", "2021-06-01T12:00:00Z", "RAQÑ7701212M3");
    check("fisica/KAHO641101B39.cer", "2026-11-26T00:00:00Z", "venció el 27/05/2023 a las 21:52 UTC");
    check("fisica/KAHO641101B39.cer", "2019-05-28T21:52:22Z", "será válido a partir del 28/05/2019");
    check("moral/EKU9003173C9-2023.cer", "2026-11-26T00:00:00Z", "persona moral (EKU9003173C9)");
    check("csd/EKU9003173C9-2023-csd.cer", "2026-11-26T00:00:00Z", "sello digital (CSD)");
    check("csd/KAHO641101B39-csd.cer", "2021-06-01T12:00:00Z", "sello digital (CSD)");
    check("misc/SAT970701NN3-prod-00001000000504465028.cer", "2021-06-01T12:00:00Z", "sello digital (CSD)");
    check("ca/prod/AC5_SAT.cer", "2021-06-01T12:00:00Z", "no es una e.firma");
    check("ca/prod/ocsp.ac5_sat.cer", "2021-06-01T12:00:00Z", "no es una e.firma");
}

#[test]
fn a_curp_that_sat_issued_with_a_wrong_check_digit_is_a_warning_and_no_refusal() {
    let Some(folder) = sat_files() else { return };
    let at = time("2021-06-01T12:00:00Z");
    let odd = Inspection::of(&certificate(&folder, "fisica/RAQN7701212M3-enye.cer"), None, false, at);
    assert!(odd.can_sign && odd.warnings[0].contains("CURP"), "{:?}", odd.warnings);
    let right = Inspection::of(&certificate(&folder, "fisica/KAHO641101B39.cer"), None, false, at);
    assert!(right.warnings.iter().all(|warning| !warning.contains("CURP")));
}

#[test]
fn chains_of_sat_hold_at_their_time_and_under_their_own_root_only() {
    let Some(folder) = sat_files() else { return };
    let uat22 = store(&folder, &["ca/test/ARC_UAT_2022.cer", "ca/test/AC_UAT_2022.cer"]);
    let beta = store(&folder, &["ca/test/arcbeta_crt_raiz.cer", "ca/test/AC_4096_2018.cer"]);
    let uat10 = store(&folder, &["ca/test/ARC_UAT.cer", "ca/test/ac2_4096_DER.cer"]);
    let production = store(&folder, &["ca/prod/ARC5_IES.cer", "ca/prod/AC5_SAT.cer"]);
    let chain = |store: &TrustStore, name: &str, at: &str| {
        let leaf = certificate(&folder, name);
        store.chain(&leaf, &[], time(at), Purpose::Signature).map(|chain| chain.links().len())
    };
    let kaho = "fisica/KAHO641101B39.cer";
    assert_eq!(chain(&uat22, "moral/EKU9003173C9-2023.cer", "2026-11-26T00:00:00Z"), Ok(3));
    assert_eq!(chain(&beta, kaho, "2021-06-01T12:00:00Z"), Ok(3));
    assert_eq!(chain(&uat10, "moral/AAA010101AAA-2017.cer", "2017-12-01T00:00:00Z"), Ok(3));
    let real = "misc/SAT970701NN3-prod-00001000000504465028.cer";
    assert_eq!(chain(&production, real, "2021-06-01T12:00:00Z"), Ok(3));
    assert!(matches!(chain(&beta, kaho, "2026-11-26T00:00:00Z"), Err(ChainError::NotValidThen { .. })));
    // Its own time is not over, that of its authority is.
    let late = chain(&beta, kaho, "2022-06-01T12:00:00Z");
    assert!(matches!(&late, Err(ChainError::NotValidThen { name, .. }) if name == "AC UAT"), "{late:?}");
    for wrong in [&production, &uat22, &uat10] {
        let refused = chain(wrong, kaho, "2021-06-01T12:00:00Z");
        assert!(matches!(refused, Err(ChainError::UnknownIssuer { .. })), "{refused:?}");
    }
    assert!(matches!(chain(&beta, real, "2021-06-01T12:00:00Z"), Err(ChainError::UnknownIssuer { .. })));
}

#[test]
fn test_roots_and_real_roots_are_never_in_one_store() {
    let Some(folder) = sat_files() else { return };
    let all = |name: &str| -> Vec<Certificate> {
        let entries = std::fs::read_dir(folder.join(name)).unwrap();
        entries
            .map(|entry| Certificate::read(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap())
            .collect()
    };
    // SAT's own folder of test authorities carries the real root of 2018.
    assert!(matches!(TrustStore::new(all("ca/test")), Err(TrustError::Mixed)));
    let production = TrustStore::new(all("ca/prod")).unwrap();
    assert_eq!((production.world(), production.roots().len()), (World::Production, 4));
    let only_test =
        all("ca/test").into_iter().filter(|one| one.name() != "AGENCIA REGISTRADORA CENTRAL").collect();
    assert_eq!(TrustStore::new(only_test).unwrap().world(), World::Test);
}

#[test]
fn the_persons_of_the_project_are_good_under_the_projects_root() {
    let Some(folder) = sat_files() else { return };
    let trust = store(&folder, &["test-pki/root.pem", "test-pki/ac.pem"]);
    assert_eq!(trust.world(), World::Own);
    let juana = certificate(&folder, "test-pki/PENJ8001019A0.cer");
    let (person, chain) = refusal::trusted_signer(&juana, &[], &trust, time("2026-11-26T00:00:00Z")).unwrap();
    assert_eq!((&person.curp[..], chain.intermediates().len()), ("PENJ800101MDFRXN07", 1));
    assert!(matches!(juana.kind(), Kind::Person(_)));
    let nobody = TrustStore::new(Vec::new()).unwrap();
    let refused = refusal::trusted_signer(&juana, &[], &nobody, time("2026-11-26T00:00:00Z")).unwrap_err();
    assert!(
        matches!(refused, Refusal::Chain(ChainError::UnknownIssuer { ref issuer }) if issuer == "AC PRUEBA MEDICUS A")
    );
}
