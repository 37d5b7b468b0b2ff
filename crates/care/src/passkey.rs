//! Passkeys as a second factor: the steps of a relying party (W3C Web Authentication, Level 2, sections 7.1 and 7.2).
//! Pure. No attestation is asked for; what is kept is the public key. Keys: ES256 and RS256 (RFC 8152, RFC 8230).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use self::cbor::Item;

mod cbor;

/// COSE numbers of the algorithms.
const ES256: i64 = -7;
const RS256: i64 = -257;
/// Milliseconds the browser waits for the person.
const TIMEOUT: u32 = 120_000;
/// Flags of authenticator data: the person was there, a credential follows.
const USER_PRESENT: u8 = 0x01;
const HAS_CREDENTIAL: u8 = 0x40;

/// Where the person signs in, as the browser sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Name of the host, without port.
    host: String,
    /// The address, as the browser signs it.
    origin: String,
}

impl Site {
    /// The site behind a host as requests name it; `None` for a number: passkeys need a name.
    #[must_use]
    pub fn of(authority: &str) -> Option<Self> {
        let (host, _) =
            authority.rsplit_once(':').filter(|(host, _)| !host.ends_with(':')).unwrap_or((authority, ""));
        let named = host.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        let number = host.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
        (named && !host.is_empty() && !number).then(|| Self {
            host: host.to_ascii_lowercase(),
            origin: format!("https://{}", authority.to_ascii_lowercase()),
        })
    }
}

/// A public key and what it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passkey {
    /// Name of the credential, base 64.
    id: String,
    /// The host it was made for.
    host: String,
    key: Key,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Key {
    /// An uncompressed point of P-256.
    Es256(String),
    /// Modulus and exponent.
    Rs256(String, String),
}

/// Why an answer of the browser was not taken; the cause is for tests, people are told one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer of the passkey does not hold: {0}")]
pub(crate) struct Refused(&'static str);

impl Passkey {
    /// Whether it can be used where the person signs in.
    pub(crate) fn is_for(&self, site: &Site) -> bool {
        self.host == site.host
    }
}

/// 32 random bytes as the browser takes them.
pub(crate) fn challenge(random: &[u8; 32]) -> String {
    BASE64URL.encode(random)
}

/// What the browser is asked to make a passkey with.
pub(crate) fn creation(
    site: &Site,
    challenge: &str,
    user: &[u8],
    name: &str,
    shown: &str,
    known: &[Passkey],
) -> String {
    json!({
        "rp": { "id": site.host, "name": "Medicus" },
        "user": { "id": BASE64URL.encode(user), "name": name, "displayName": shown },
        "challenge": challenge,
        "pubKeyCredParams": [{ "type": "public-key", "alg": ES256 }, { "type": "public-key", "alg": RS256 }],
        "excludeCredentials": credentials(known),
        "authenticatorSelection": { "userVerification": "preferred", "residentKey": "discouraged" },
        "attestation": "none",
        "timeout": TIMEOUT,
    })
    .to_string()
}

/// What the browser is asked to prove one with.
pub(crate) fn request(site: &Site, challenge: &str, known: &[Passkey]) -> String {
    json!({
        "rpId": site.host,
        "challenge": challenge,
        "allowCredentials": credentials(known),
        "userVerification": "preferred",
        "timeout": TIMEOUT,
    })
    .to_string()
}

fn credentials(known: &[Passkey]) -> Vec<serde_json::Value> {
    known.iter().map(|passkey| json!({ "type": "public-key", "id": passkey.id })).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    id: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(default)]
    attestation_object: String,
    #[serde(default)]
    authenticator_data: String,
    #[serde(default)]
    signature: String,
}

fn bytes(text: &str) -> Result<Vec<u8>, Refused> {
    BASE64URL.decode(text.trim_end_matches('=')).map_err(|_| Refused("not base 64"))
}

fn answer(text: &str) -> Result<Answer, Refused> {
    serde_json::from_str(text).map_err(|_| Refused("not an answer"))
}

/// The client data as signed, once it is of this ceremony.
fn client_data(answer: &Answer, kind: &str, site: &Site, challenge: &str) -> Result<Vec<u8>, Refused> {
    let signed = bytes(&answer.client_data)?;
    let data: ClientData = serde_json::from_slice(&signed).map_err(|_| Refused("not client data"))?;
    if data.kind != kind {
        return Err(Refused("another ceremony"));
    }
    if data.challenge.trim_end_matches('=') != challenge || challenge.is_empty() {
        return Err(Refused("another challenge"));
    }
    if data.origin != site.origin || data.cross_origin {
        return Err(Refused("another origin"));
    }
    Ok(signed)
}

/// Flags, counter and what follows, once the data is for this host and the person was there.
fn authenticator_data<'a>(data: &'a [u8], site: &Site) -> Result<(u8, u32, &'a [u8]), Refused> {
    let (host, rest) = data.split_first_chunk::<32>().ok_or(Refused("short"))?;
    let (flags, rest) = rest.split_first().ok_or(Refused("short"))?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or(Refused("short"))?;
    if host[..] != Sha256::digest(site.host.as_bytes())[..] {
        return Err(Refused("another host"));
    }
    if flags & USER_PRESENT == 0 {
        return Err(Refused("nobody was there"));
    }
    Ok((*flags, u32::from_be_bytes(*counter), rest))
}

/// Takes a new passkey: its key and its counter.
pub(crate) fn register(text: &str, site: &Site, challenge: &str) -> Result<(Passkey, u32), Refused> {
    let answer = answer(text)?;
    client_data(&answer, "webauthn.create", site, challenge)?;
    let object = bytes(&answer.attestation_object)?;
    let object = cbor::read(&object).ok_or(Refused("not an attestation"))?;
    let Some(Item::Bytes(data)) = object.get(&Item::Text("authData")) else {
        return Err(Refused("no authenticator data"));
    };
    let (flags, counter, rest) = authenticator_data(data, site)?;
    if flags & HAS_CREDENTIAL == 0 {
        return Err(Refused("no credential"));
    }
    let rest = rest.get(16..).ok_or(Refused("short"))?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(Refused("short"))?;
    let (id, rest) =
        rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(Refused("short"))?;
    if id.is_empty() || id.len() > 1023 || bytes(&answer.id)? != id {
        return Err(Refused("another credential"));
    }
    let key = key(&cbor::begins(rest).ok_or(Refused("no key"))?)?;
    Ok((Passkey { id: BASE64URL.encode(id), host: site.host.clone(), key }, counter))
}

/// A COSE key of one of the two kinds that were offered.
fn key(item: &Item<'_>) -> Result<Key, Refused> {
    let number = |label| match item.get(&Item::Int(label)) {
        Some(Item::Int(number)) => Some(*number),
        _ => None,
    };
    let part = |label| match item.get(&Item::Int(label)) {
        Some(Item::Bytes(bytes)) => Some(*bytes),
        _ => None,
    };
    match (number(1), number(3)) {
        (Some(2), Some(ES256)) if number(-1) == Some(1) => {
            let (Some(x), Some(y)) = (part(-2), part(-3)) else { return Err(Refused("no point")) };
            if x.len() != 32 || y.len() != 32 {
                return Err(Refused("no point"));
            }
            Ok(Key::Es256(BASE64URL.encode([&[4_u8][..], x, y].concat())))
        }
        (Some(3), Some(RS256)) => {
            let (Some(n), Some(e)) = (part(-1), part(-2)) else { return Err(Refused("no modulus")) };
            Ok(Key::Rs256(BASE64URL.encode(n), BASE64URL.encode(e)))
        }
        _ => Err(Refused("a key that was not offered")),
    }
}

/// Checks that one of the passkeys signed the challenge: which one, and its counter.
pub(crate) fn prove(
    text: &str,
    site: &Site,
    challenge: &str,
    known: &[Passkey],
) -> Result<(usize, u32), Refused> {
    let answer = answer(text)?;
    let own = known
        .iter()
        .position(|passkey| passkey.id == answer.id.trim_end_matches('=') && passkey.is_for(site));
    let own = own.ok_or(Refused("unknown credential"))?;
    let client = client_data(&answer, "webauthn.get", site, challenge)?;
    let data = bytes(&answer.authenticator_data)?;
    let (_, counter, _) = authenticator_data(&data, site)?;
    let signed = [&data[..], &Sha256::digest(&client)[..]].concat();
    let signature = bytes(&answer.signature)?;
    let held = match &known[own].key {
        Key::Es256(point) => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes(point)?).verify(&signed, &signature)
        }
        Key::Rs256(n, e) => RsaPublicKeyComponents { n: bytes(n)?, e: bytes(e)? }.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            &signed,
            &signature,
        ),
    };
    held.map_err(|_| Refused("another signature"))?;
    Ok((own, counter))
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

    use super::*;

    const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    /// A device with one passkey.
    struct Device {
        key: EcdsaKeyPair,
        random: SystemRandom,
    }

    const ID: [u8; 16] = [9; 16];

    fn site() -> Site {
        Site::of("medicus.lan:8443").unwrap()
    }

    fn data(kind: &str, challenge: &str, origin: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": origin }).to_string().into_bytes()
    }

    fn head(host: &str, flags: u8, counter: u32) -> Vec<u8> {
        [&Sha256::digest(host.as_bytes())[..], &[flags], &counter.to_be_bytes()].concat()
    }

    impl Device {
        fn new() -> Self {
            let random = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
            let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random);
            Self { key: key.unwrap(), random }
        }

        /// The answer to a request to make a passkey.
        fn made(&self, client: &[u8], head: &[u8]) -> String {
            let point = self.key.public_key().as_ref();
            let cose = [
                &[0xa5_u8, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
                &point[1..33],
                &[0x22, 0x58, 32],
                &point[33..],
            ];
            let auth = [head, &[0; 16], &[0, 16], &ID, &cose.concat()].concat();
            let mut object = vec![0xa3, 0x63];
            object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
            object.push(u8::try_from(auth.len()).unwrap());
            object.extend(&auth);
            json!({
                "id": BASE64URL.encode(ID),
                "clientDataJSON": BASE64URL.encode(client),
                "attestationObject": BASE64URL.encode(object),
            })
            .to_string()
        }

        /// The answer to a request to prove it.
        fn proof(&self, client: &[u8], head: &[u8]) -> String {
            let signed = [head, &Sha256::digest(client)[..]].concat();
            let signature = self.key.sign(&self.random, &signed).unwrap();
            json!({
                "id": BASE64URL.encode(ID),
                "clientDataJSON": BASE64URL.encode(client),
                "authenticatorData": BASE64URL.encode(head),
                "signature": BASE64URL.encode(signature.as_ref()),
            })
            .to_string()
        }
    }

    const CREATE: &str = "webauthn.create";
    const GET: &str = "webauthn.get";
    const ORIGIN: &str = "https://medicus.lan:8443";

    fn registered(device: &Device) -> Passkey {
        let made = device.made(&data(CREATE, CHALLENGE, ORIGIN), &head("medicus.lan", 0x41, 3));
        let (passkey, counter) = register(&made, &site(), CHALLENGE).unwrap();
        assert_eq!(counter, 3);
        passkey
    }

    #[test]
    fn a_passkey_is_made_and_proven() {
        let device = Device::new();
        let passkey = registered(&device);
        let proof = device.proof(&data(GET, CHALLENGE, ORIGIN), &head("medicus.lan", 0x05, 4));
        assert_eq!(prove(&proof, &site(), CHALLENGE, &[passkey]), Ok((0, 4)));
    }

    #[test]
    fn what_is_for_another_ceremony_site_or_person_is_refused() {
        let device = Device::new();
        let known = [registered(&device)];
        let check = |client: Vec<u8>, head: Vec<u8>, why: &str| {
            let refused = prove(&device.proof(&client, &head), &site(), CHALLENGE, &known);
            assert_eq!(refused.map_err(|refused| refused.0), Err(why));
        };
        let good = || head("medicus.lan", 0x01, 4);
        check(data(CREATE, CHALLENGE, ORIGIN), good(), "another ceremony");
        check(data(GET, "BBBB", ORIGIN), good(), "another challenge");
        check(data(GET, CHALLENGE, "https://medicus.lan"), good(), "another origin");
        check(data(GET, CHALLENGE, "https://evil.example"), good(), "another origin");
        check(data(GET, CHALLENGE, ORIGIN), head("evil.example", 0x01, 4), "another host");
        check(data(GET, CHALLENGE, ORIGIN), head("medicus.lan", 0x00, 4), "nobody was there");
        check(data(GET, CHALLENGE, ORIGIN), good()[..30].to_vec(), "short");
        let mut other = Device::new().proof(&data(GET, CHALLENGE, ORIGIN), &good());
        let refused = |text: &str| prove(text, &site(), CHALLENGE, &known).map_err(|refused| refused.0);
        assert_eq!(refused(&other), Err("another signature"));
        other = other.replace(&BASE64URL.encode(ID), &BASE64URL.encode([8; 16]));
        assert_eq!(refused(&other), Err("unknown credential"));
        assert_eq!(refused("{"), Err("not an answer"));
        let elsewhere = Site::of("otro.lan:8443").unwrap();
        let proof = device.proof(&data(GET, CHALLENGE, "https://otro.lan:8443"), &head("otro.lan", 1, 4));
        assert!(prove(&proof, &elsewhere, CHALLENGE, &known).is_err());
    }

    #[test]
    fn a_passkey_that_was_not_made_for_this_is_not_kept() {
        let device = Device::new();
        let client = data(CREATE, CHALLENGE, ORIGIN);
        for (client, head, why) in [
            (data(GET, CHALLENGE, ORIGIN), head("medicus.lan", 0x41, 0), "another ceremony"),
            (client.clone(), head("medicus.lan", 0x40, 0), "nobody was there"),
            (client.clone(), head("medicus.lan", 0x01, 0), "no credential"),
            (client, head("evil.example", 0x41, 0), "another host"),
        ] {
            let refused = register(&device.made(&client, &head), &site(), CHALLENGE);
            assert_eq!(refused.map_err(|refused| refused.0), Err(why));
        }
    }

    #[test]
    fn a_site_has_a_name_and_no_number() {
        for (authority, named) in [
            ("medicus.lan:8443", true),
            ("localhost:9443", true),
            ("consultorio.example", true),
            ("192.168.1.20:8443", false),
            ("[::1]:8443", false),
            ("", false),
            ("evil.example/..", false),
        ] {
            assert_eq!(Site::of(authority).is_some(), named, "{authority}");
        }
        assert_eq!(site().origin, ORIGIN);
    }
}
