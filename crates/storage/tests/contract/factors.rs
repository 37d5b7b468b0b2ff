//! Second factors: enciphered at rest, a code never taken twice, recovery codes used up.

use clinical::ids::{FactorId, UserId};
use storage::{Factor, SignInStep, StorageError, sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::place::{Place, at};

on_both_engines!(
    a_secret_is_read_back_and_lies_enciphered,
    a_secret_put_in_the_place_of_another_is_refused,
    of_one_step_a_code_is_taken_once,
    a_recovery_code_is_used_up_and_lies_as_a_digest,
    an_unfinished_sign_in_is_no_session,
);

const SECRET: &[u8] = b"12345678901234567890";

pub(crate) fn factor(user_id: UserId) -> Factor {
    Factor {
        id: FactorId(Uuid::now_v7()),
        user_id,
        kind: "totp".to_owned(),
        name: "Teléfono".to_owned(),
        secret: Zeroizing::new(SECRET.to_vec()),
        last_step: 0,
        confirmed_at: None,
        last_used_at: None,
        created_at: at(1),
    }
}

async fn a_secret_is_read_back_and_lies_enciphered(place: Place) {
    let own = factor(place.user);
    let mut tx = place.begin().await;
    tx.insert_factor(&own).await.unwrap();
    assert_eq!(tx.factors(place.user).await.unwrap(), std::slice::from_ref(&own));
    tx.commit().await.unwrap();
    let plain: String = SECRET.iter().map(|byte| format!("{byte:02x}")).collect();
    let found = place.raw(&format!("DELETE FROM factor WHERE secret LIKE '%{plain}%'")).await.unwrap();
    assert_eq!(found, 0, "the secret lies in the database as it is");
    assert!(!format!("{own:?}").contains("123456"));
    let mut tx = place.begin().await;
    tx.drop_unconfirmed_factors(place.user).await.unwrap();
    assert!(tx.factors(place.user).await.unwrap().is_empty());
}

async fn a_secret_put_in_the_place_of_another_is_refused(place: Place) {
    let (one, two) = (factor(place.user), factor(place.user));
    let mut tx = place.begin().await;
    tx.insert_factor(&one).await.unwrap();
    tx.insert_factor(&two).await.unwrap();
    tx.commit().await.unwrap();
    let swap = format!(
        "UPDATE factor SET secret = (SELECT secret FROM factor WHERE id = '{}') WHERE id = '{}'",
        one.id, two.id
    );
    place.raw(&swap).await.unwrap();
    let read = place.begin().await.factors(place.user).await;
    assert!(matches!(read, Err(StorageError::Corrupt { .. })), "{read:?}");
}

async fn of_one_step_a_code_is_taken_once(place: Place) {
    let own = factor(place.user);
    let mut tx = place.begin().await;
    tx.insert_factor(&own).await.unwrap();
    assert!(tx.take_step(own.id, 100, at(2)).await.unwrap());
    assert!(!tx.take_step(own.id, 100, at(3)).await.unwrap(), "the same code again");
    assert!(!tx.take_step(own.id, 99, at(3)).await.unwrap(), "an earlier code");
    assert!(tx.take_step(own.id, 101, at(4)).await.unwrap());
    let read = tx.factors(place.user).await.unwrap().remove(0);
    assert_eq!((read.last_step, read.confirmed_at, read.last_used_at), (101, Some(at(2)), Some(at(4))));
    tx.reset_factors(place.user, at(5)).await.unwrap();
    assert_eq!(tx.user(place.user).await.unwrap().unwrap().factors_reset_at, Some(at(5)));
    tx.forget_factors_reset(place.user).await.unwrap();
    assert_eq!(tx.user(place.user).await.unwrap().unwrap().factors_reset_at, None);
}

async fn a_recovery_code_is_used_up_and_lies_as_a_digest(place: Place) {
    let codes = ["ABCDEFGHJK".to_owned(), "KJHGFEDCBA".to_owned()];
    let mut tx = place.begin().await;
    tx.set_recovery_codes(place.user, &codes).await.unwrap();
    assert_eq!(tx.recovery_codes_left(place.user).await.unwrap(), 2);
    assert!(tx.take_recovery_code(place.user, "ABCDEFGHJK").await.unwrap());
    assert!(!tx.take_recovery_code(place.user, "ABCDEFGHJK").await.unwrap());
    assert!(!tx.take_recovery_code(place.user, "AAAAAAAAAA").await.unwrap());
    assert_eq!(tx.recovery_codes_left(place.user).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let plain = sha256(b"KJHGFEDCBA");
    let sql = format!("DELETE FROM recovery_code WHERE digest = 'KJHGFEDCBA' OR digest = '{plain}'");
    assert_eq!(place.raw(&sql).await.unwrap(), 0, "a code lies as it is, or as anybody could digest it");
}

async fn an_unfinished_sign_in_is_no_session(place: Place) {
    let step = SignInStep {
        token_digest: sha256(b"paso"),
        user_id: place.user,
        csrf_secret: "secreto".to_owned(),
        challenge: None,
        proven: false,
        expires_at: at(100),
    };
    let mut tx = place.begin().await;
    tx.insert_sign_in_step(&step, at(0)).await.unwrap();
    assert_eq!(tx.session(step.token_digest, at(1)).await.unwrap(), None);
    let (read, user) = tx.sign_in_step(step.token_digest, at(99)).await.unwrap().unwrap();
    assert!(read == step && user.id == place.user);
    tx.set_challenge(step.token_digest, Some("reto")).await.unwrap();
    let asked = tx.sign_in_step(step.token_digest, at(99)).await.unwrap().unwrap().0.challenge;
    assert_eq!(asked.as_deref(), Some("reto"));
    tx.prove_sign_in_step(step.token_digest).await.unwrap();
    assert!(tx.sign_in_step(step.token_digest, at(99)).await.unwrap().unwrap().0.proven);
    assert!(tx.sign_in_step(step.token_digest, at(100)).await.unwrap().is_none());
    tx.delete_sign_in_step(step.token_digest).await.unwrap();
    assert!(tx.sign_in_step(step.token_digest, at(1)).await.unwrap().is_none());
}
