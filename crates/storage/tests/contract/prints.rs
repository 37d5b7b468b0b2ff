//! Copies of signed documents that were handed out.

use clinical::print::PrintedAs;
use storage::StorageError;
use uuid::Uuid;

use crate::place::{Place, at};

on_both_engines!(
    the_first_copy_is_the_original_and_the_next_ones_are_counted,
    two_copies_at_once_have_two_numbers,
    a_copy_needs_its_document,
);

async fn the_first_copy_is_the_original_and_the_next_ones_are_counted(place: Place) {
    let document = place.sign(None, None, "primero", 1).await.id;
    let other = place.sign(None, None, "segundo", 2).await.id;
    let mut tx = place.begin().await;
    assert_eq!(tx.insert_print(document, true, None, place.user, at(3)).await.unwrap(), 1);
    assert_eq!(tx.insert_print(document, false, None, place.user, at(4)).await.unwrap(), 2);
    assert_eq!(tx.insert_print(other, false, None, place.user, at(5)).await.unwrap(), 1);
    assert_eq!(tx.insert_print(document, false, Some("la perdió"), place.user, at(6)).await.unwrap(), 3);
    tx.commit().await.unwrap();
    let mut tx = place.begin().await;
    let prints = tx.prints(document).await.unwrap();
    let kinds: Vec<PrintedAs> = prints.iter().map(|print| print.printed_as).collect();
    assert_eq!(kinds, [PrintedAs::Reprint(1), PrintedAs::Original, PrintedAs::SignedFile]);
    assert_eq!((prints[0].reason.as_deref(), prints[0].printed_at), (Some("la perdió"), at(6)));
    assert_eq!(tx.print(document, 3).await.unwrap().as_ref(), prints.first());
}

async fn two_copies_at_once_have_two_numbers(place: Place) {
    let document = place.sign(None, None, "primero", 1).await.id;
    let print = async |seconds| {
        let mut tx = place.begin().await;
        let number = tx.insert_print(document, false, None, place.user, at(seconds)).await.unwrap();
        tx.commit().await.unwrap();
        number
    };
    let (a, b, c) = tokio::join!(print(2), print(3), print(4));
    let mut numbers = [a, b, c];
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
}

async fn a_copy_needs_its_document(place: Place) {
    let mut tx = place.begin().await;
    let nothing = clinical::ids::DocumentId(Uuid::now_v7());
    let refused = tx.insert_print(nothing, false, None, place.user, at(1)).await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })), "{refused:?}");
}
