//! `medicus efirma inspect` as a script meets it, with a person's e.firma made by the `openssl` program.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CONFIGURATION: &str = "[req]
prompt=no
utf8=yes
distinguished_name=dn
x509_extensions=ext
[dn]
CN=JUANA PÉREZ NÚÑEZ
x500UniqueIdentifier=PENJ8001019A0
serialNumber=PENJ800101MDFRXN07
[ext]
basicConstraints=critical,CA:FALSE
keyUsage=digitalSignature,nonRepudiation,dataEncipherment,keyAgreement
extendedKeyUsage=emailProtection,clientAuth
";

/// A folder with `a.cer`, `a.key` and its password; `None`, and says so, without `openssl`.
fn person(name: &str) -> Option<PathBuf> {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: the program openssl is not installed");
        return None;
    }
    let folder = std::env::temp_dir().join(format!("medicus-efirma-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.cnf"), CONFIGURATION).unwrap();
    std::fs::write(folder.join("password"), "12345678a\r\n").unwrap();
    let openssl = |arguments: &str| {
        let output =
            Command::new("openssl").args(arguments.split(' ')).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout a.pem -config a.cnf -days 30 -set_serial 0x3330303031303030303030353939393930303031 -outform DER -out a.cer",
    );
    openssl(
        "pkcs8 -topk8 -in a.pem -v2 des3 -v2prf hmacWithSHA1 -passout pass:12345678a -outform DER -out a.key",
    );
    Some(folder)
}

fn inspect(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_medicus"))
        .args(["efirma", "inspect"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn inspect_says_whose_efirma_it_is_and_that_its_key_fits() {
    let Some(folder) = person("good") else { return };
    let all = ["--cer", "a.cer", "--key", "a.key", "--password-file", "password"];
    let output = inspect(&folder, &[&all[..], &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(seen["kind"], "efirma_fisica");
    assert_eq!((&seen["rfc"], &seen["curp"]), (&"PENJ8001019A0".into(), &"PENJ800101MDFRXN07".into()));
    assert_eq!(seen["serial"], "30001000000599990001");
    assert_eq!(
        (&seen["key_matches"], &seen["can_sign"], &seen["trusted"]),
        (&true.into(), &true.into(), &().into())
    );
    std::fs::create_dir_all(folder.join("trust")).unwrap();
    std::fs::copy(folder.join("a.cer"), folder.join("trust/a.cer")).unwrap();
    let output = inspect(&folder, &[&all[..], &["--at", "2050-01-01", "--trust", "trust"]].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("JUANA PÉREZ NÚÑEZ") && said.contains("(vencido)"), "{said}");
    assert!(said.contains("no sirve: este certificado venció el"), "{said}");
    // Nobody is believed because they put themselves into the folder: a person is no authority.
    assert!(said.contains("ninguna autoridad de la carpeta lo respalda"), "{said}");
}

#[test]
fn inspect_refuses_with_code_2_what_the_person_has_to_correct() {
    let Some(folder) = person("bad") else { return };
    std::fs::write(folder.join("wrong"), "12345678b").unwrap();
    std::fs::write(folder.join("short.cer"), &std::fs::read(folder.join("a.cer")).unwrap()[..900]).unwrap();
    std::fs::write(folder.join("huge.cer"), vec![b'0'; 10 * 1024 * 1024]).unwrap();
    let check = |arguments: &[&str], words: &str| {
        let output = inspect(&folder, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words) && output.stdout.is_empty(), "{arguments:?}: {said}");
    };
    check(&["--cer", "a.cer", "--key", "a.key", "--password-file", "wrong"], "contraseña incorrecta");
    check(&["--cer", "a.key", "--key", "a.cer", "--password-file", "password"], "es una llave (.key)");
    check(&["--cer", "a.cer", "--key", "a.cer", "--password-file", "password"], "es un certificado (.cer)");
    check(&["--cer", "short.cer"], "incompleto");
    check(&["--cer", "huge.cer"], "mide más de");
    check(&["--cer", "none.cer"], "none.cer");
    check(&["--cer", "a.cer", "--at", "ayer"], "escriba una fecha");
    check(&["--cer", "a.cer", "--trust", "none"], "none");
    check(&["--cer", "a.cer", "--trust", "."], "a.pem: este archivo es una llave");
}
