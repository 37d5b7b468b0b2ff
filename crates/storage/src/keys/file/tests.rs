//! The key file against its mishaps.

use super::*;

const QUICK: KdfCost = KdfCost { memory_kib: 64, passes: 1 };

struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("medicus-key-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.join("clave")
    }

    fn open(&self, passphrase: Option<&str>, database: bool) -> Result<(MasterKey, KeyProtection), KeyError> {
        let inputs = KeyInputs { raw_key: None, passphrase: passphrase.map(Passphrase::new) };
        KeyFile::at(&self.path()).with_cost(QUICK).open(&inputs, database)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ignored = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_first_start_makes_a_key_that_later_starts_find_again() {
    for (passphrase, protection) in
        [(None, KeyProtection::Clear), (Some("luna llena"), KeyProtection::Passphrase)]
    {
        let place = Place::new();
        let (made, how) = place.open(passphrase, false).unwrap();
        assert_eq!(how, protection);
        let (found, _) = place.open(passphrase, true).unwrap();
        assert_eq!(made.bytes(), found.bytes());
    }
}

#[cfg(unix)]
#[test]
fn the_key_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    place.open(None, false).unwrap();
    let mode = fs::metadata(place.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = place.open(None, true).unwrap_err();
    assert!(matches!(refused, KeyError::Exposed { mode: 0o644, .. }));
    assert!(refused.to_string().contains("permisos 644"));
}

#[test]
fn a_wrapped_key_shows_no_key_and_needs_its_passphrase() {
    let place = Place::new();
    let (key, _) = place.open(Some("luna llena"), false).unwrap();
    assert!(!fs::read_to_string(place.path()).unwrap().contains(&hex::encode(key.bytes())));
    assert!(matches!(place.open(Some("luna nueva"), true), Err(KeyError::WrongPassphrase)));
    assert!(matches!(place.open(None, true), Err(KeyError::PassphraseNeeded { .. })));
}

#[test]
fn a_damaged_key_file_is_told_from_a_wrong_passphrase() {
    for passphrase in [None, Some("luna llena")] {
        let place = Place::new();
        place.open(passphrase, false).unwrap();
        let whole = fs::read_to_string(place.path()).unwrap();
        let at = whole.find(if passphrase.is_some() { "wrapped\": \"" } else { "key\": \"" }).unwrap() + 14;
        let mut altered = whole.clone();
        let digit = if &whole[at..=at] == "0" { "1" } else { "0" };
        altered.replace_range(at..=at, digit);
        for text in [altered.as_str(), &whole[..whole.len() / 2], "", "{}"] {
            fs::write(place.path(), text).unwrap();
            assert!(matches!(place.open(passphrase, true), Err(KeyError::Damaged { .. })), "{text}");
        }
    }
}

#[test]
fn no_new_key_is_made_beside_an_existing_database() {
    let place = Place::new();
    assert!(matches!(place.open(None, true), Err(KeyError::Missing { .. })));
    assert!(!place.path().exists());
}

#[test]
fn a_key_handed_over_needs_no_file() {
    let place = Place::new();
    let inputs = KeyInputs { raw_key: Some(MasterKey::from_bytes([3; 32])), passphrase: None };
    let (key, how) = KeyFile::at(&place.path()).open(&inputs, true).unwrap();
    assert_eq!((key.bytes(), how), (&[3; 32], KeyProtection::HandedOver));
    assert!(!place.path().exists());
}

#[test]
fn machines_that_start_for_the_first_time_at_once_have_the_same_key() {
    for round in 0..20 {
        let place = Place::new();
        let keys: Vec<MasterKey> = std::thread::scope(|all| {
            let machines: Vec<_> = (0..8).map(|_| all.spawn(|| place.open(None, false).unwrap().0)).collect();
            machines.into_iter().map(|machine| machine.join().unwrap()).collect()
        });
        let (kept, _) = place.open(None, true).unwrap();
        assert!(keys.iter().all(|key| key.bytes() == kept.bytes()), "round {round}");
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1, "nothing is left beside it");
    }
}
