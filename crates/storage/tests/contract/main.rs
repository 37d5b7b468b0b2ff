//! One suite of behaviour, run on both engines. PostgreSQL runs when `MEDICUS_TEST_POSTGRES` names a server on which
//! databases may be made (`./dev test` starts one); each test has a database of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

/// Makes a test of each function on each engine.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::place::Place::embedded().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = crate::place::Place::postgres().await {
                    super::$name(place).await;
                }
            })*
        }
    };
}

mod agenda;
mod alert_overrides;
mod anchors;
mod attachments;
mod audit;
mod backup;
mod blobs;
mod concurrency;
mod documents;
mod drafts;
mod drug_labels;
mod efirma;
mod encryption;
mod endorsements;
mod external;
mod factors;
mod icd;
mod identity;
mod immutability;
mod interruption;
mod key_change;
mod laboratory;
mod messages;
mod mutations;
mod note_templates;
mod opening;
mod patients;
mod people;
mod place;
mod preferences;
mod prescriptions;
mod prints;
mod private;
mod recordings;
mod records;
mod rights;
mod search;
mod speed;
mod summary;
mod transactions;
mod verification;
mod visits;
