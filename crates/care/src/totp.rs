//! Codes of an authenticator app (TOTP, RFC 6238): six digits, thirty seconds, HMAC-SHA-1, which every app reads. Pure.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;

/// Seconds of one time step.
const STEP: i64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ, people type slowly.
const SKEW: i64 = 1;
/// Bytes of a secret: the length of the digest (RFC 4226, section 4).
pub(crate) const SECRET_BYTES: usize = 20;

/// The code of a time step.
pub(crate) fn code(secret: &[u8], step: i64) -> String {
    let digest = match Hmac::<Sha1>::new_from_slice(secret) {
        Ok(mac) => mac.chain_update(step.to_be_bytes()).finalize().into_bytes(),
        // HMAC takes a key of any length.
        Err(_) => return String::new(),
    };
    // Dynamic truncation (RFC 4226, section 5.3).
    let at = usize::from(digest[19] & 0x0f);
    let four = [digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]];
    format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
}

/// The time step of a code that is right now, or about now.
pub(crate) fn step_of(secret: &[u8], typed: &str, now: Timestamp) -> Option<i64> {
    let present = now.as_second().div_euclid(STEP);
    (present - SKEW..=present + SKEW).find(|step| code(secret, *step) == typed)
}

/// Bytes in base 32 (RFC 4648), as apps take a typed secret.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(LETTERS[(held << (5 - bits) & 31) as usize]));
    }
    out
}

/// The address an app reads from the square code.
pub(crate) fn address(secret: &[u8], issuer: &str, account: &str) -> String {
    let plain = |text: &str| -> String {
        let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        text.chars().map(|c| if keep(c) { c.to_string() } else { "%20".to_owned() }).collect()
    };
    let (issuer, account) = (plain(issuer), plain(account));
    format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, seconds / STEP), expected, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_no_more() {
        let secret = [7; SECRET_BYTES];
        let at = |second| Timestamp::from_second(second).unwrap();
        let typed = code(&secret, 100);
        for (second, expected) in [(2969, None), (2970, Some(100)), (3059, Some(100)), (3060, None)] {
            assert_eq!(step_of(&secret, &typed, at(second)), expected, "{second}");
        }
    }

    /// RFC 4648, section 10, without the padding.
    #[test]
    fn base_32_is_that_of_the_standard() {
        for (text, expected) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), expected);
        }
    }
}
