//! Whether a notification comes from Meta: HMAC-SHA256 of the bytes as they came, compared in constant time. Nothing is parsed
//! before; a body written again would never match where there is an accent (Meta escapes them).

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The secret of the app, which signs notifications.
#[derive(Clone)]
pub struct AppSecret(Zeroizing<String>);

impl AppSecret {
    /// Takes the secret as Meta shows it; `None` for an empty one, which anybody could sign with.
    #[must_use]
    pub fn new(secret: Zeroizing<String>) -> Option<Self> {
        if secret.trim().is_empty() { None } else { Some(Self(secret)) }
    }

    /// Whether `body` was signed with this secret. `headers` are all the values of `X-Hub-Signature-256`: there must be one,
    /// `sha256=` and 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn signed<'a>(&self, headers: impl IntoIterator<Item = &'a [u8]>, body: &[u8]) -> bool {
        let mut headers = headers.into_iter();
        let (Some(header), None) = (headers.next(), headers.next()) else { return false };
        let Some(hex) = header.strip_prefix(b"sha256=") else { return false };
        let Some(given) = digest(hex) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else { return false };
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    }

    /// The header Meta would send with `body`; the fake one of the tests signs with it.
    #[must_use]
    pub fn header(&self, body: &[u8]) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).ok()?;
        mac.update(body);
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("sha256={hex}"))
    }
}

impl std::fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppSecret")
    }
}

fn digest(hex: &[u8]) -> Option<[u8; 32]> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if hex.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

/// What to answer when Meta asks whether this address is ours: the challenge, if it knows the word we agreed on.
#[must_use]
pub fn challenge<'a>(mode: &str, given: &str, challenge: &'a str, agreed: &str) -> Option<&'a str> {
    // Digests first: so the time does not tell the length either.
    let same: bool = Sha256::digest(given).as_slice().ct_eq(Sha256::digest(agreed).as_slice()).into();
    let plain = challenge.len() <= 256 && challenge.bytes().all(|byte| byte.is_ascii_graphic());
    (mode == "subscribe" && same && !agreed.is_empty() && plain).then_some(challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "sha256=3f70de6d1d2ea59faedb89802ac9dfa6ca8c24a4e24696169b5f1a21b635375f";

    fn secret() -> AppSecret {
        AppSecret::new(Zeroizing::new("secreto-de-prueba".to_owned())).unwrap()
    }

    fn check(headers: &[&str], body: &[u8]) -> bool {
        secret().signed(headers.iter().map(|header| header.as_bytes()), body)
    }

    #[test]
    fn the_bytes_as_they_came_are_what_is_signed() {
        let escaped = br#"{"t":"Mar\u00eda \ud83d\ude00"}"#;
        assert!(check(&[GOOD], escaped));
        assert!(!check(&[GOOD], "{\"t\":\"María 😀\"}".as_bytes()), "written again it is another body");
        assert_eq!(secret().header(escaped).as_deref(), Some(GOOD));
    }

    #[test]
    fn anything_but_one_lower_case_sha256_is_refused() {
        let body = br#"{"t":"Mar\u00eda \ud83d\ude00"}"#;
        let upper = format!("sha256={}", GOOD[7..].to_uppercase());
        let short = &GOOD[..GOOD.len() - 1];
        let other = GOOD.replace("sha256", "sha1");
        let wrong = GOOD.replace("3f70", "3f71");
        for headers in
            [&[] as &[&str], &[GOOD, GOOD], &[&upper], &[short], &[&other], &[&wrong], &[""], &["sha256="]]
        {
            assert!(!check(headers, body), "{headers:?}");
        }
        assert!(AppSecret::new(Zeroizing::new(" ".to_owned())).is_none());
    }

    #[test]
    fn the_challenge_is_answered_only_to_who_knows_the_word() {
        assert_eq!(challenge("subscribe", "palabra", "1158201444", "palabra"), Some("1158201444"));
        assert_eq!(challenge("subscribe", "otra", "1158201444", "palabra"), None);
        assert_eq!(challenge("unsubscribe", "palabra", "1158201444", "palabra"), None);
        assert_eq!(challenge("subscribe", "", "1158201444", ""), None);
        assert_eq!(challenge("subscribe", "palabra", "<a b>", "palabra"), None);
    }
}
