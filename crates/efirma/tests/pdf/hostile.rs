//! Files that are no PDF, or want to be the end of whoever reads them.
use efirma::pdf::{Claim, Error, Evidence, Fault, MOST_BYTES, add_evidence, evidence, prepare, signatures};
use proptest::prelude::*;

use crate::changed::append;
use crate::peers::{openssl_accepts, pdfsig, pyhanko_validates};
use crate::{PACKED, RECETA, authority, moment, sign};

/// A signed file as it comes from here, with a made-up signature: the reader looks at the file only.
fn signed(pdf: &[u8]) -> Vec<u8> {
    let at = moment();
    let claim = Claim { at: &at, name: "X", reason: "", place: "" };
    prepare(pdf, 0, &claim).unwrap().finish(&[0x30, 3, 2, 1, 0]).unwrap()
}

/// Everything that reads a file.
fn read_all(pdf: &[u8]) {
    let at = moment();
    let _ = signatures(pdf);
    let _ = evidence(pdf);
    let _ = add_evidence(pdf, &Evidence { certificates: vec![vec![1]], ..Evidence::default() });
    let _ = prepare(pdf, 0, &Claim { at: &at, name: "", reason: "", place: "" });
}

fn fault(pdf: &[u8]) -> Fault {
    signatures(pdf).unwrap().remove(0).unwrap_err().fault
}

/// The file with a text replaced by one of the same length.
fn patched(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert!(to.len() <= from.len());
    let at = pdf.windows(from.len()).rposition(|window| window == from.as_bytes()).unwrap();
    let mut bytes = pdf.to_vec();
    bytes[at..at + from.len()].copy_from_slice(format!("{to:<width$}", width = from.len()).as_bytes());
    bytes
}

fn byte_range(pdf: &[u8]) -> (String, [usize; 4]) {
    let text = String::from_utf8_lossy(&pdf[pdf.len() - 40_000..]).into_owned();
    let at = text.rfind("/ByteRange ").unwrap();
    let range = &text[at..=at + text[at..].find(']').unwrap()];
    let numbers: Vec<usize> =
        range[12..range.len() - 1].split_whitespace().map(|n| n.parse().unwrap()).collect();
    // With the blanks behind it, that are there for larger numbers.
    let blanks = text[at + range.len()..].chars().take_while(|c| *c == ' ').count();
    (text[at..at + range.len() + blanks].to_owned(), numbers.try_into().unwrap())
}

#[test]
fn a_signature_over_a_part_of_the_file_proves_nothing() {
    let good = signed(RECETA);
    let (range, [_, first, second, rest]) = byte_range(&good);
    let with = |numbers: String| patched(&good, &range, &format!("/ByteRange [{numbers}]"));
    assert_eq!(fault(&with(format!("9 {first} {second} {rest}"))), Fault::Range);
    assert_eq!(fault(&with(format!("0 {first} {second} {}", rest + 1))), Fault::Range);
    assert_eq!(fault(&with(format!("0 {first} {second} -1"))), Fault::Range);
    assert_eq!(fault(&with(format!("0 {} {second} {rest}", first - 1))), Fault::Gap);
    assert_eq!(fault(&with(format!("0 {first} {} {}", second + 1, rest - 1))), Fault::Gap);
    assert_eq!(fault(&with(format!("0 {first} {second} {}", rest - 8))), Fault::Partial);
    assert_eq!(fault(&with("0 0 0 0".to_owned())), Fault::Gap);
    assert_eq!(fault(&patched(&good, &range, "/ByteRange null")), Fault::Range);
    // It leaves out another text in hexadecimal: the name of the signer could be changed.
    let name = good.windows(7).rposition(|window| window == b"/Name <").unwrap() + 6;
    let end = name + good[name..].iter().position(|byte| *byte == b'>').unwrap() + 1;
    assert_eq!(fault(&with(format!("0 {name} {end} {}", good.len() - end))), Fault::Gap);
    // It covers loose bytes behind the end, which programs that search for objects would show.
    let longer = [&good[..], b"1 0 obj"].concat();
    let with = format!("/ByteRange [0 {first} {second} {}]", rest + 7);
    assert_eq!(fault(&patched(&longer, &range, &with)), Fault::Partial);
}

#[test]
fn a_signature_that_a_later_state_brings_in_is_not_part_of_what_it_covers() {
    let good = signed(RECETA);
    let text: String = good.iter().map(|byte| char::from(*byte)).collect();
    let number = |words: &str| -> u32 {
        let head = &text[..text.rfind(words).unwrap()];
        head[..head.rfind(" 0 obj").unwrap()].rsplit('\n').next().unwrap().parse().unwrap()
    };
    let (catalog, signature) = (number("/Type /Catalog"), number("/ByteRange"));
    let field = format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(Otra)/Rect[0 0 0 0]/V {signature} 0 R>>");
    let root = "<</Type/Catalog/Pages 1 0 R/AcroForm<</Fields[800 0 R]>>>>";
    assert_eq!(fault(&append(&good, &[(catalog, root), (800, &field)])), Fault::Foreign);
}

#[test]
fn what_stands_in_the_place_of_a_signature_has_to_be_one() {
    let at = moment();
    let claim = Claim { at: &at, name: "", reason: "", place: "" };
    for cms in
        [&[][..], &[1, 2, 3], &[0x30, 0x80, 0, 0], &[0x30, 1, 0, 9], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]]
    {
        let file = prepare(RECETA, 0, &claim).unwrap().finish(cms).unwrap();
        assert_eq!(fault(&file), Fault::NoSignature, "{cms:?}");
    }
}

#[test]
fn one_changed_byte_is_refused_by_everybody() {
    let Some(pki) = authority() else { return };
    let mut changed = sign(&pki, RECETA);
    // Inside the text of the page.
    changed[5_000] ^= 1;
    let found = signatures(&changed).unwrap().remove(0).unwrap();
    assert!(!openssl_accepts(&pki, &found.cms, &found.signed(&changed).concat()));
    if let Some(said) = pdfsig(&pki, &changed) {
        assert!(said.contains("Digest Mismatch"), "{said}");
    }
    if let Some((accepted, said)) = pyhanko_validates(&pki, &changed) {
        assert!(!accepted, "{said}");
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error_or_unsigned_but_never_signed() {
    let whole = signed(RECETA);
    for end in (0..whole.len() - 1).step_by(97) {
        let found = signatures(&whole[..end]).unwrap_or_default();
        assert!(found.iter().all(Result::is_err), "cut at {end}");
    }
}

#[test]
fn files_that_turn_in_circles_or_swell_come_to_an_end() {
    let tail = |body: &str, more: &str| -> Vec<u8> {
        let head = "%PDF-1.7\n";
        let mut bytes = format!("{head}{body}\n").into_bytes();
        let at = bytes.len();
        bytes.extend(b"xref\n0 1\n0000000000 65535 f \n1 1\n0000000009 00000 n \n");
        bytes.extend(
            format!("trailer\n<</Size 2/Root 1 0 R{}>>\n", more.replace("SELF", &at.to_string())).bytes(),
        );
        bytes.extend(format!("startxref\n{at}\n%%EOF\n").bytes());
        bytes
    };
    let endless = |pdf: &[u8]| matches!(signatures(pdf), Err(Error::Endless { .. } | Error::Damaged { .. }));
    assert!(endless(&tail("1 0 obj\n<<>>\nendobj", "/Prev SELF")), "an index that follows itself");
    assert!(endless(&tail("1 0 obj\n1 0 R\nendobj", "")), "an object that is itself");
    let deep = format!("1 0 obj\n{}\nendobj", "[".repeat(1_000_000));
    assert!(endless(&tail(&deep, "")), "values in values");
    let wide = format!("1 0 obj\n<</A[{}]>>\nendobj", "0 ".repeat(1_000_000));
    assert!(endless(&tail(&wide, "")), "an object of a million values");
    let form = "1 0 obj\n<</AcroForm<</Fields[1 0 R]>>/Kids[1 0 R 1 0 R]/FT/Sig>>\nendobj";
    assert!(signatures(&tail(form, "")).unwrap().is_empty(), "a field that is its own child");
    let pages = tail("1 0 obj\n<</Pages 1 0 R/Kids[1 0 R]>>\nendobj", "");
    let at = moment();
    assert!(prepare(&pages, 0, &Claim { at: &at, name: "", reason: "", place: "" }).is_err());
    assert_eq!(signatures(b"hola").unwrap_err(), Error::NotPdf);
    let mut large = RECETA.to_vec();
    large.resize(MOST_BYTES + 1, b' ');
    assert_eq!(signatures(&large).unwrap_err(), Error::TooLarge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_changes_never_break_the_reader(
        packed in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in prop::option::of(any::<prop::sample::Index>()),
        grown in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut bytes = signed(if packed { PACKED } else { RECETA });
        for (place, value) in changes {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(grown);
        read_all(&bytes);
    }

    #[test]
    fn random_words_of_the_format_never_break_the_reader(
        words in prop::collection::vec(prop::sample::select(vec![
            "1 0 obj", "endobj", "<<", ">>", "[", "]", "/Type", "/Pages", "/Kids", "/Root 1 0 R", "/AcroForm", "/Fields",
            "/FT/Sig", "/V", "1 0 R", "2 0 R", "stream\n", "endstream", "/Length 3", "xref\n0 2\n0000000009 00000 n \n",
            "0000000009 00000 n \n", "trailer", "startxref\n9\n%%EOF\n", "(", ")", "<00>", "-1", "9999999999999999999",
            "%", "\n", "/Prev 9", "/W[1 1 1]", "/Size 99999999", "/Type/XRef", "/Filter/FlateDecode", "#", "\\",
        ]), 0..80),
    ) {
        read_all(format!("%PDF-1.7\n{}\nstartxref\n9\n%%EOF", words.join(" ")).as_bytes());
    }
}
