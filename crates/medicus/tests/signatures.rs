//! `medicus sign` and `medicus verify` as a script meets them, with authorities made by `openssl` that answer on this machine.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it skips"
)]

#[path = "../../efirma/tests/core/pki.rs"]
#[expect(dead_code, reason = "the tests of efirma need more of it")]
mod pki;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use pki::{Folder, Order, PASSWORD, Pki, openssl_is_here, sat_files};

const RECETA: &[u8] = include_bytes!("../../../testdata/pdf/receta.pdf");

/// A folder with everything to sign: `in.pdf`, `person.cer`, `person.key`, `password`, and the authorities in `trust`.
fn ready() -> Option<Pki> {
    if !openssl_is_here() {
        return None;
    }
    let pki = Pki::new().with_timestamps().with_revocations("30001000000500000002");
    prepare(&pki.folder, &["root.pem", "ac.pem"]);
    Some(pki)
}

fn prepare(folder: &Folder, authorities: &[&str]) {
    folder.write("in.pdf", RECETA);
    folder.write("password", PASSWORD);
    folder.run("mkdir", "-p trust").unwrap();
    for name in authorities {
        folder.write(&format!("trust/{name}"), folder.read(name));
    }
}

fn medicus(folder: &Folder, arguments: &str) -> Output {
    // No data directory: nothing the owner of this machine added is believed.
    let program = env!("CARGO_BIN_EXE_medicus");
    folder.run("env", &format!("XDG_DATA_HOME=/nonexistent {program} {arguments}")).unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const SIGN: &str = "sign --cer person.cer --key person.key --password-file password";

/// The command ends with `code` and says `words`.
fn check(folder: &Folder, arguments: &str, code: i32, words: &[&str]) {
    let output = medicus(folder, arguments);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments}: «{word}» in {said}");
    }
}

/// A server on this machine that answers each request with what `answer` makes of its body, until the test ends.
fn server(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|stream| serve(stream, &answer));
        }
    });
    format!("http://{address}/")
}

fn serve(stream: TcpStream, answer: &impl Fn(&[u8]) -> Vec<u8>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    reader.into_inner().write_all(&answer(&body))
}

fn ok(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[test]
fn a_receta_is_signed_and_anybody_learns_who_signed_it() {
    let Some(pki) = ready() else { return };
    let folder = &pki.folder;
    check(folder, &format!("{SIGN} --trust trust in.pdf out.pdf"), 0, &["Firmado: out.pdf (PAdES B-B)"]);
    assert!(folder.read("out.pdf").starts_with(RECETA));
    check(
        folder,
        "verify out.pdf --trust trust",
        0,
        &["VÁLIDA", "JUANA PÉREZ NÚÑEZ", "PENJ8001019A0", "ningún sello de tiempo la prueba", "íntegro"],
    );
    let output = medicus(folder, "verify out.pdf --trust trust --json");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["valid"], true);
    assert_eq!(json["signatures"][0]["signer"]["curp"], "PENJ800101MDFRXN07");
    assert_eq!(json["signatures"][0]["level"], "B-B");

    let mut changed = folder.read("out.pdf");
    changed[5_000] ^= 1;
    folder.write("changed.pdf", changed);
    check(folder, "verify changed.pdf --trust trust", 1, &["NO VÁLIDA", "el contenido cambió"]);
    let output = medicus(folder, "verify changed.pdf --trust trust --json");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["valid"], false);
    // Another world's authorities, in five years, and a file nobody signed.
    check(folder, "verify out.pdf", 1, &["NO VÁLIDA", "ninguna autoridad de confianza"]);
    check(
        folder,
        "verify out.pdf --trust trust --at 2035-01-01",
        1,
        &["nada prueba que se haya firmado antes"],
    );
    check(folder, "verify in.pdf --trust trust", 1, &["no tiene ninguna firma electrónica"]);
    check(folder, "verify password --trust trust", 2, &["el archivo no es un PDF"]);
    check(folder, "verify none.pdf --trust trust", 2, &["none.pdf"]);
}

#[test]
fn authorities_that_answer_prove_the_date_and_that_nothing_was_revoked() {
    let Some(pki) = ready() else { return };
    pki.issue(&Order { serial: "30001000000500000002", ..Order::new("person-revoked", "ac") });
    let pki = std::sync::Arc::new(pki);
    let (tsa, ocsp) = (std::sync::Arc::clone(&pki), std::sync::Arc::clone(&pki));
    let tsa = server(move |query| ok(&tsa.timestamp(query)));
    let ocsp = server(move |query| ok(&ocsp.revocation(query, "service-ocsp")));
    let folder = &pki.folder;
    check(folder, &format!("{SIGN} --trust trust --tsa {tsa} in.pdf t.pdf"), 0, &["PAdES B-T"]);
    check(folder, "verify t.pdf --trust trust", 0, &["probada por el sello de tiempo", "PAdES B-T"]);
    check(
        folder,
        &format!("{SIGN} --trust trust --tsa {tsa} --ocsp {ocsp} in.pdf lt.pdf"),
        0,
        &["PAdES B-LT"],
    );
    check(folder, "verify lt.pdf --trust trust --at 2035-01-01", 0, &["PAdES B-LT", "no estaba revocado"]);
    let revoked = SIGN.replace("person.cer", "person-revoked.pem");
    check(
        folder,
        &format!("{revoked} --trust trust --ocsp {ocsp} in.pdf r.pdf"),
        2,
        &["fue revocado el 01/11/2026"],
    );
    // Nobody answers: that is common, and said.
    let gone = "http://127.0.0.1:9/";
    check(folder, &format!("{SIGN} --trust trust --ocsp {gone} in.pdf b.pdf"), 0, &["Aviso", "PAdES B-B"]);
}

#[test]
fn a_timestamp_that_is_none_leaves_the_file_unsigned() {
    let Some(pki) = ready() else { return };
    let folder = &pki.folder;
    let other = efirma::timestamp::Query::new(b"otra cosa", [1; 8]).unwrap();
    let other = pki.timestamp(other.der());
    let answers: [(Vec<u8>, &str); 4] = [
        (ok(b"hola"), "no es un sello de tiempo"),
        (ok(&other), "es de otro contenido"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n".to_vec(), "respondió 302"),
        (b"garbage".to_vec(), "no se firmó"),
    ];
    for (answer, words) in answers {
        let address = server(move |_| answer.clone());
        check(folder, &format!("{SIGN} --trust trust --tsa {address} in.pdf out.pdf"), 1, &[words]);
    }
    check(folder, &format!("{SIGN} --trust trust --tsa ftp://x in.pdf out.pdf"), 2, &["la dirección"]);
    assert!(folder.run("ls", "out.pdf").is_ok_and(|listed| !listed.status.success()), "nothing was written");
}

#[test]
fn who_may_not_sign_is_told_why_and_nothing_is_written() {
    let Some(pki) = ready() else { return };
    let folder = &pki.folder;
    pki.issue(&Order::seal("person-csd", "ac"));
    pki.root("person", "CN=OTRA RAIZ");
    folder.run("mkdir", "other").unwrap();
    folder.write("other/a.pem", folder.read("person.pem"));
    folder.write("wrong", "12345678b");
    let signed = |more: &str| format!("{SIGN} {more} in.pdf out.pdf");
    let with = |from: &str, to: &str| signed("--trust trust").replace(from, to);
    check(folder, &with("person.cer", "person-csd.pem"), 2, &["sello digital (CSD)"]);
    check(folder, &with("--password-file password", "--password-file wrong"), 2, &["contraseña incorrecta"]);
    check(folder, &with("person.cer", "person.key"), 2, &[".cer"]);
    check(folder, &with("in.pdf", "password"), 2, &["el archivo no es un PDF"]);
    check(folder, &signed("--trust trust --at 2035-01-01"), 2, &["venció"]);
    check(folder, &signed("--trust other"), 2, &["ninguna autoridad de confianza"]);
    assert!(folder.run("ls", "out.pdf").is_ok_and(|listed| !listed.status.success()), "nothing was written");
    // Who names no authorities may sign, and is told that nobody was asked.
    check(folder, &signed(""), 0, &["Aviso", "se firma sin comprobarlo", "PAdES B-B"]);
}

#[test]
fn the_test_persons_of_sat_sign_at_their_time_and_not_today() {
    let Some(sat) = sat_files().filter(|_| openssl_is_here()) else { return };
    let folder = Folder::new();
    for name in ["arcbeta_crt_raiz.cer", "AC_4096_2018.cer"] {
        folder.write(name, std::fs::read(sat.join("ca/test").join(name)).unwrap());
    }
    prepare(&folder, &["arcbeta_crt_raiz.cer", "AC_4096_2018.cer"]);
    for person in ["KAHO641101B39", "RAQN7701212M3-enye"] {
        for kind in ["cer", "key"] {
            let file = sat.join("fisica").join(format!("{person}.{kind}"));
            folder.write(&format!("person.{kind}"), std::fs::read(file).unwrap());
        }
        let at = "--trust trust --at 2021-06-01T12:00:00Z";
        check(&folder, &format!("{SIGN} {at} in.pdf out.pdf"), 0, &["PAdES B-B"]);
        check(&folder, &format!("verify out.pdf {at}"), 0, &["VÁLIDA", "certificado de prueba del SAT"]);
        check(&folder, "verify out.pdf --trust trust", 1, &["NO VÁLIDA", "venció el"]);
        check(&folder, &format!("{SIGN} --trust trust in.pdf late.pdf"), 2, &["venció"]);
    }
}
