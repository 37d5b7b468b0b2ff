//! Files told by their bytes, refused with a way out, cleaned names, sizes without decoding.

use proptest::prelude::*;

use super::*;

fn check(bytes: &[u8], expected: Result<FileKind, RefusedFile>) {
    assert_eq!(FileKind::of(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
}

#[test]
fn files_are_told_by_their_first_bytes() {
    check(b"%PDF-1.7\n", Ok(FileKind::Pdf));
    check(b"\xff\xd8\xff\xe0\0\x10JFIF", Ok(FileKind::Jpeg));
    check(b"\x89PNG\r\n\x1a\n\0", Ok(FileKind::Png));
    check(b"RIFF\x10\0\0\0WEBPVP8 ", Ok(FileKind::WebP));
    check(b"RIFF\x10\0\0\0WAVEfmt ", Ok(FileKind::Wav));
    check(b"\0\0\0\x18ftypheic\0", Ok(FileKind::Heic));
    check(b"\0\0\0\x18ftypM4A \0", Ok(FileKind::Mp4));
    check(b"\0\0\0\x18ftyp3gp4\0", Ok(FileKind::Mp4));
    check(b"II*\0\x08", Ok(FileKind::Tiff));
    check(b"OggS\0\x02", Ok(FileKind::Ogg));
    check(b"ID3\x04", Ok(FileKind::Mp3));
    check(b"\xff\xfb\x90\x64", Ok(FileKind::Mp3));
    check(b"\xff\xf1\x50\x80", Ok(FileKind::Aac));
    check(b"#!AMR\n", Ok(FileKind::Amr));
}

#[test]
fn what_can_run_or_is_not_a_paper_is_refused_by_name() {
    check(b"", Err(RefusedFile::Empty));
    for program in [&b"MZ\x90\0"[..], b"\x7fELF\x02", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe"] {
        check(program, Err(RefusedFile::Program));
    }
    for markup in [
        &b"<!DOCTYPE html>"[..],
        b"\xef\xbb\xbf  <html>",
        b"<svg xmlns='x'><script>",
        b"<?xml version='1.0'?>",
        b"hola <SCRIPT>alert(1)</SCRIPT>",
    ] {
        check(markup, Err(RefusedFile::Markup));
    }
    check(b"PK\x03\x04\x14\0", Err(RefusedFile::Packed));
    check(b"\xd0\xcf\x11\xe0\xa1", Err(RefusedFile::Packed));
    check(b"MSH|^~\\&|LAB|", Err(RefusedFile::Hl7));
    check(b"\x0bMSH|^~\\&|LAB|", Err(RefusedFile::Hl7));
    check(b"\0\0\0\x18ftypqt  ", Err(RefusedFile::Unknown));
    check(b"texto", Err(RefusedFile::Unknown));
}

#[test]
fn a_name_that_claims_another_kind_is_noticed() {
    assert!(FileKind::Png.is_misnamed("radiografia.jpg"));
    assert!(FileKind::Jpeg.is_misnamed("factura.pdf.exe"));
    assert!(!FileKind::Jpeg.is_misnamed("Foto.JPEG"));
    assert!(!FileKind::Pdf.is_misnamed("sin terminacion"));
    assert!(!FileKind::Pdf.is_misnamed("estudio 3.5"));
}

#[test]
fn names_are_cleaned_and_kept() {
    let check = |name: &str, kept: &str| assert_eq!(clean_name(name), kept);
    check("C:\\Documentos\\Química  sanguínea.pdf", "Química sanguínea.pdf");
    check("../../etc/passwd", "passwd");
    check("a\u{202e}gpj.exe\0\n b", "agpj.exe b");
    check("日本 ñandú €.png", "日本 ñandú €.png");
    check("", "");
    let long = clean_name(&format!("{}.pdf", "ñ".repeat(400)));
    assert_eq!(long.chars().count(), MAX_NAME);
    assert!(long.ends_with("ñ.pdf"));
}

#[test]
fn the_size_of_a_picture_is_read_without_decoding_it() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    assert_eq!(picture_size(FileKind::Png, &png), Some((100_000, 100_000)));
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x0b\xb8\x0f\xa0\x03";
    assert_eq!(picture_size(FileKind::Jpeg, jpeg), Some((4000, 3000)));
    let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0";
    assert_eq!(picture_size(FileKind::WebP, webp), Some((320, 240)));
    assert_eq!(picture_size(FileKind::Pdf, b"%PDF-"), None);
}

#[test]
fn an_enormous_picture_is_not_shown_by_itself() {
    let picture = |size| Attachment {
        id: AttachmentId(uuid::Uuid::nil()),
        patient_id: PatientId(uuid::Uuid::nil()),
        category: AttachmentCategory::Imaging,
        kind: FileKind::Png,
        title: "x".to_owned(),
        file_name: "x.png".to_owned(),
        size,
        studied_on: None,
        recorded_by: UserId(uuid::Uuid::nil()),
        recorded_at: Timestamp::UNIX_EPOCH,
    };
    assert_eq!(picture(Some((4000, 3000))).shown(), Shown::Picture);
    assert_eq!(picture(Some((100_000, 100_000))).shown(), Shown::Nowhere);
    assert_eq!(picture(None).shown(), Shown::Nowhere);
}

#[test]
fn every_kind_has_its_row() {
    for facts in &KINDS {
        assert_eq!(FileKind::from_code(facts.kind.code()), Some(facts.kind));
        assert!(!facts.kind.is_misnamed(&format!("a.{}", facts.kind.extension())));
    }
}

proptest! {
    #[test]
    fn no_bytes_and_no_name_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), name in "\\PC{0,400}") {
        for facts in &KINDS {
            let _ = picture_size(facts.kind, &bytes);
        }
        let _ = FileKind::of(&bytes);
        let clean = clean_name(&name);
        prop_assert!(clean.chars().count() <= MAX_NAME);
        prop_assert!(!clean.contains(['/', '\\', '\0']));
        prop_assert_eq!(clean_name(&clean), clean.clone());
    }
}
