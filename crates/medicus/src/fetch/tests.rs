//! The client against servers on this machine: what they answer, and what they break.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::exchange::{Client, Request};
use super::{Address, FetchError, Limits, download, post, resume};

const LIMITS: Limits = Limits { most: 1000, patience: Duration::from_secs(20) };

/// Reads a request up to its end.
fn request(stream: &mut impl Read) -> String {
    let mut text = String::new();
    let mut byte = [0];
    let length = |text: &str| {
        let value = text.split("Content-Length: ").nth(1)?.split("\r\n").next()?;
        value.parse::<usize>().ok()
    };
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length(head).unwrap_or(0)
        {
            return text;
        }
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return text;
        }
        text.push(char::from(byte[0]));
    }
}

/// A server that gives each answer once; its address and what it was asked.
fn server(answers: Vec<Vec<u8>>) -> (String, thread::JoinHandle<Vec<String>>) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", socket.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let serve = |answer: Vec<u8>| {
            let (mut stream, _) = socket.accept().unwrap();
            let asked = request(&mut stream);
            let _ = stream.write_all(&answer);
            asked
        };
        answers.into_iter().map(serve).collect()
    });
    (address, asked)
}

fn got(answers: &[&str]) -> Result<String, FetchError> {
    let (address, _) = server(answers.iter().map(|answer| answer.as_bytes().to_vec()).collect());
    let mut content = Vec::new();
    download(&Address::parse(&format!("{address}/es.zip")).unwrap(), LIMITS, &mut content, |_, _| {})?;
    Ok(String::from_utf8(content).unwrap())
}

#[test]
fn what_is_at_an_address_arrives_whole_however_it_is_sent() {
    assert_eq!(got(&["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nholaX"]).unwrap(), "hola");
    assert_eq!(got(&["HTTP/1.0 200 OK\r\n\r\nhasta el fin"]).unwrap(), "hasta el fin");
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n4\r\nhola\r\n2;x=1\r\n, \r\n0\r\nA: b\r\n\r\n";
    assert_eq!(got(&[chunked]).unwrap(), "hola, ");
    let moved = "HTTP/1.1 302 Found\r\nLocation: /otra\r\n\r\n";
    let (address, asked) =
        server(vec![moved.into(), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nsi".to_vec()]);
    // A server serves one address here: the second request comes to the same one.
    let mut content = Vec::new();
    let mut steps = Vec::new();
    let from = Address::parse(&format!("{address}/es.zip?x=1")).unwrap();
    download(&from, LIMITS, &mut content, |had, of| steps.push((had, of))).unwrap();
    assert_eq!((content.as_slice(), steps.as_slice()), (b"si".as_slice(), [(2, Some(2))].as_slice()));
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("GET /es.zip?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"), "{asked:?}");
    assert!(asked[1].starts_with("GET /otra HTTP/1.1\r\n"), "{asked:?}");
}

#[test]
fn what_was_cut_goes_on_where_it_ended_also_when_the_server_begins_anew() {
    for (answer, asked_for) in [
        ("HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nndo", "Range: bytes=7-\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhola mundo", "Range: bytes=7-\r\n"),
    ] {
        let (address, asked) = server(vec![answer.into()]);
        let from = Address::parse(&format!("{address}/modelo.bin")).unwrap();
        let mut content = b"hola mu".to_vec();
        let mut last = None;
        resume(&from, LIMITS, 7, &mut content, |had, of| last = Some((had, of))).unwrap();
        assert_eq!((content.as_slice(), last), (b"hola mundo".as_slice(), Some((10, Some(10)))));
        assert!(asked.join().unwrap()[0].contains(asked_for));
    }
    let unasked = got(&["HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nsi"]).unwrap_err();
    assert!(unasked.to_string().contains("206"), "{unasked}");
}

#[test]
fn answers_that_are_cut_too_large_refused_or_no_http_are_told_apart() {
    let check = |answer: &str, words: &str| {
        let error = got(&[answer]).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("127.0.0.1"), "{words}: {error}");
    };
    check("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhola", "incompleta");
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhola", "incompleta");
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhola", "dañada");
    check("HTTP/1.1 200 OK\r\nContent-Len", "incompleta");
    check("HTTP/1.1 200 OK\r\nContent-Length: muchos\r\n\r\n", "dañada");
    check("SSH-2.0-OpenSSH\r\n\r\n", "dañada");
    check("", "incompleta");
    check("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "respondió 404");
    check("HTTP/1.1 302 Found\r\n\r\n", "dañada");
    check("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "más de 1000 bytes");
    check(&format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1001)), "más de 1000 bytes");
    check(&format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(40_000)), "incompleta o dañada");
    let round = "HTTP/1.1 302 Found\r\nLocation: /es.zip\r\n\r\n";
    assert!(matches!(got(&[round; 4]), Err(FetchError::Broken(_))), "a circle ends");
    let away = got(&["HTTP/1.1 302 Found\r\nLocation: http://example.com/x\r\n\r\n"]);
    assert!(matches!(away, Err(FetchError::Address(_))), "never on to an address without TLS");
}

#[test]
fn who_says_nothing_is_not_waited_for_longer_than_allowed() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::parse(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    let begun = Instant::now();
    let limits = Limits { patience: Duration::from_millis(300), ..LIMITS };
    let error = download(&address, limits, &mut Vec::new(), |_, _| {}).unwrap_err();
    assert!(matches!(error, FetchError::Late { .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(15));
    drop(silent);
    let error = download(&address, limits, &mut Vec::new(), |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("no se pudo hablar con 127.0.0.1"), "{error}");
}

#[test]
fn a_post_carries_its_body_and_is_not_sent_on() {
    let (address, asked) = server(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\x01\x02\xff".to_vec()]);
    let to = Address::parse_plain(&format!("{address}/tsa")).unwrap();
    let answer = post(&to, "application/timestamp-query", b"pregunta", LIMITS).unwrap();
    assert_eq!(answer, [1, 2, 255]);
    let asked = asked.join().unwrap().concat();
    assert!(asked.contains("Content-Type: application/timestamp-query\r\nContent-Length: 8\r\n"), "{asked}");
    assert!(asked.ends_with("\r\n\r\npregunta"), "{asked}");
    let (address, _) = server(vec![b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n".to_vec()]);
    let to = Address::parse_plain(&address).unwrap();
    assert!(matches!(post(&to, "a/b", b"x", LIMITS), Err(FetchError::Status { status: 302, .. })));
}

#[test]
fn only_addresses_with_tls_are_reached_and_only_who_has_a_trusted_certificate() {
    for wrong in
        ["", "icd.who.int", "ftp://a/b", "file:///etc/passwd", "https://", "https://a@b/", "http://a/b"]
    {
        assert!(matches!(Address::parse(wrong), Err(FetchError::Address(_))), "{wrong}");
    }
    let address = Address::parse("https://example.com:8443/11/SimpleTabulation-ICD-11-MMS-es.zip").unwrap();
    assert_eq!(address.file_name(), "SimpleTabulation-ICD-11-MMS-es.zip");
    assert!(Address::parse_plain("http://tsa.example.com/").is_ok());

    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let config = Arc::new(config);
    let serving = thread::spawn(move || {
        for _ in 0..2 {
            let (stream, _): (TcpStream, _) = socket.accept().unwrap();
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            if request(&mut stream).is_empty() {
                continue;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nseguro");
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    let address = Address::parse(&format!("https://localhost:{port}/x")).unwrap();
    let stranger = download(&address, LIMITS, &mut Vec::new(), |_, _| {}).unwrap_err();
    assert!(matches!(stranger, FetchError::Connection { .. } | FetchError::NoRoots), "{stranger}");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let mut content = Vec::new();
    let ask = Request { method: "GET", content_type: None, have: 0, body: &[] };
    let trusting = Client::trusting(roots, LIMITS);
    // Should the first have been refused before it connected, the server still waits for two.
    let answer = trusting.exchange(&address, &ask, &mut content, |_, _| {});
    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(content, b"seguro");
    drop(serving);
}
