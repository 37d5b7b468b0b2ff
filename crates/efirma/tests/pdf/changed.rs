//! Files changed after they were signed, as an attacker or a careless program would.

use std::collections::BTreeSet;

use efirma::pdf::{Addition, Alteration, Since, signatures};

use crate::peers::pyhanko_validates;
use crate::pki::Pki;
use crate::{RECETA, authority, sign};

/// Appends objects to a file with an index as a table, and names them in a new one.
pub(crate) fn append(pdf: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let mut bytes = pdf.to_vec();
    let mut lines = String::from("xref\n");
    for (number, body) in objects {
        lines += &format!("{number} 1\n{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let text = String::from_utf8_lossy(pdf).into_owned();
    let trailer = &text[text.rfind("trailer").unwrap()..];
    let root = &trailer[trailer.find("/Root").unwrap()..];
    let root: Vec<&str> = root.split_whitespace().skip(1).take(2).collect();
    let previous = trailer[trailer.find("startxref").unwrap() + 9..].split_whitespace().next().unwrap();
    let start = bytes.len();
    let info = &trailer[trailer.find("/Info").unwrap()..];
    let info: Vec<&str> = info.split_whitespace().skip(1).take(2).collect();
    let (root, info) = (root.join(" "), info.join(" "));
    let entries = format!("<</Size 900/Root {root} R/Info {info} R/Prev {previous}>>");
    bytes.extend(format!("{lines}trailer\n{entries}\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// Number and text of the newest object that holds all these words.
fn object(pdf: &[u8], words: &[&str]) -> (u32, String) {
    let text: String = pdf.iter().map(|byte| char::from(*byte)).collect();
    let mut newest = None;
    for (at, _) in text.match_indices(" 0 obj") {
        let head = text[..at].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
        let body = &text[at + 6..];
        let body = &body[..body.find("endobj").unwrap()];
        if words.iter().all(|word| body.contains(word)) {
            newest = Some((head.parse().unwrap(), body.trim().to_owned()));
        }
    }
    newest.unwrap()
}

/// The page as it is written when something was added to it.
fn page(pdf: &[u8]) -> (u32, String) {
    object(pdf, &["/Page", "/MediaBox", "/Annots"])
}

fn since(pdf: &[u8]) -> Since {
    signatures(pdf).unwrap().remove(0).unwrap().since
}

fn check(pdf: &[u8], expected: Alteration) {
    let found = since(pdf);
    assert!(
        matches!(&found, Since::Altered(what) if what.contains(&expected)),
        "{expected:?} was expected: {found}"
    );
}

fn signed() -> Option<(Pki, Vec<u8>)> {
    let pki = authority()?;
    let signed = sign(&pki, RECETA);
    Some((pki, signed))
}

#[test]
fn a_new_content_for_a_signed_page_is_an_alteration() {
    let Some((pki, signed)) = signed() else { return };
    let (number, body) = page(&signed);
    let contents = body.split("/Contents ").nth(1).unwrap().split(' ').next().unwrap();
    let other = body.replace(&format!("/Contents {contents} 0 R"), "/Contents 800 0 R");
    let stream = "<</Length 9>>\nstream\n0 0 m 1 w\nendstream";
    let changed = append(&signed, &[(number, &other), (800, stream)]);
    check(&changed, Alteration::Page);
    // The stream itself, in its place.
    check(&append(&signed, &[(contents.parse().unwrap(), stream)]), Alteration::Content);
    // pyHanko sees it too.
    if let Some((accepted, said)) = pyhanko_validates(&pki, &changed) {
        assert!(!accepted, "{said}");
    }
}

#[test]
fn a_stamp_on_a_signed_page_is_an_alteration() {
    let Some((_, signed)) = signed() else { return };
    let (number, body) = page(&signed);
    let other = body.replace("/Annots [", "/Annots [800 0 R ");
    let stamp = "<</Type/Annot/Subtype/Stamp/Rect[0 0 600 700]>>";
    check(&append(&signed, &[(number, &other), (800, stamp)]), Alteration::Annotation);
    let other = body.replace("]/Contents", " 800 0 R]/Contents");
    check(&append(&signed, &[(number, &other), (800, stamp)]), Alteration::Annotation);
}

#[test]
fn a_further_signature_with_a_picture_over_the_page_is_an_alteration() {
    let Some((_, signed)) = signed() else { return };
    let (page, body) = page(&signed);
    let (catalog, root) = object(&signed, &["/Type /Catalog", "/AcroForm"]);
    let body = body.replace("]/Contents", " 800 0 R]/Contents");
    let at = root.find("/Fields [").unwrap();
    let end = at + root[at..].find(']').unwrap();
    let root = format!("{} 800 0 R{}", &root[..end], &root[end..]);
    let field =
        |more: &str| format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(Otra)/F 132/P {page} 0 R{more}>>");
    let visible = field("/Rect[0 0 612 792]/AP<</N 801 0 R>>");
    let grown = append(&signed, &[(page, &body), (catalog, &root), (800, &visible)]);
    check(&grown, Alteration::VisibleSignature);
    let empty = append(&signed, &[(page, &body), (catalog, &root), (800, &field("/Rect[0 0 0 0]"))]);
    assert_eq!(since(&empty), Since::Added(BTreeSet::from([Addition::EmptyField])));
    let acting = field("/Rect[0 0 0 0]/AA<</E<</S/JavaScript/JS(1)>>>>");
    check(&append(&signed, &[(page, &body), (catalog, &root), (800, &acting)]), Alteration::Field);
}

#[test]
fn what_a_file_does_when_it_is_opened_must_not_change() {
    let Some((_, signed)) = signed() else { return };
    let (catalog, root) = object(&signed, &["/Type /Catalog", "/AcroForm"]);
    let acting = root.replacen("<<", "<</OpenAction<</S/JavaScript/JS(1)>>", 1);
    check(&append(&signed, &[(catalog, &acting)]), Alteration::Behaviour);
    // Another catalogue altogether.
    let other = append(&signed, &[(800, &root)]);
    let text = String::from_utf8_lossy(&other).into_owned();
    assert!(text.contains(&format!("/Root {catalog} 0 R")));
    let from = other.len() - 300;
    let mut other = other;
    let tail =
        String::from_utf8_lossy(&other[from..]).replace(&format!("/Root {catalog} 0 R"), "/Root 800 0 R");
    other.splice(from.., tail.into_bytes());
    check(&other, Alteration::Behaviour);
}

#[test]
fn bytes_behind_the_signature_are_told_from_a_remark() {
    let Some((pki, signed)) = signed() else { return };
    let remark = [signed.as_slice(), b"% archivado el martes\n"].concat();
    assert_eq!(since(&remark), Since::Added(BTreeSet::from([Addition::Remark])));
    if let Some((accepted, said)) = pyhanko_validates(&pki, &remark) {
        assert!(accepted, "{said}");
    }
    check(&[signed.as_slice(), b"hola"].concat(), Alteration::LooseData);
    check(&[signed.as_slice(), &[0x41; 5000]].concat(), Alteration::LooseData);
    // An object no index names: a program that ignores the index would show it.
    let (number, body) = page(&signed);
    let hidden = format!("{number} 0 obj\n{body}\nendobj\n");
    check(&[signed.as_slice(), hidden.as_bytes()].concat(), Alteration::Ambiguous);
}

#[test]
fn the_title_of_the_file_must_not_change_but_its_dates_may() {
    let Some((_, signed)) = signed() else { return };
    let (number, body) = object(&signed, &["/CreationDate", "/Title"]);
    assert!(body.contains("Receta de prueba"));
    check(&append(&signed, &[(number, &body.replace("Receta de prueba", "Otra"))]), Alteration::Behaviour);
    let saved =
        body.replace("/ModDate(D:2026", "/ModDate(D:2027").replace("/ModDate (D:2026", "/ModDate (D:2027");
    assert_ne!(saved, body);
    assert_eq!(
        since(&append(&signed, &[(number, &saved)])),
        Since::Added(BTreeSet::from([Addition::Metadata]))
    );
}

/// Who prepares the file can make a page depend on what may change, and change it after the signature.
#[test]
fn a_file_prepared_to_change_later_is_found_out() {
    let Some(pki) = authority() else { return };
    let (number, body) = object(RECETA, &["/Page", "/MediaBox"]);
    let (meta, _) = object(RECETA, &["/Metadata", "/XML"]);
    let showing = |contents: &str| body.replace("/Contents 43 0 R", &format!("/Contents {contents}"));
    let stream =
        |kind: &str, words: &str| format!("<<{kind}/Length {}>>\nstream\n{words}\nendstream", words.len());
    let xml = "/Type/Metadata/Subtype/XML";

    // The content of the page is the metadata of the file.
    let prepared =
        append(RECETA, &[(number, &showing(&format!("{meta} 0 R"))), (meta, &stream(xml, "0 0 m"))]);
    check(&append(&sign(&pki, &prepared), &[(meta, &stream(xml, "9 9 m"))]), Alteration::Content);
    // Metadata that is nothing else may change.
    let signed = sign(&pki, RECETA);
    let since = since(&append(&signed, &[(meta, &stream(xml, "<x/>"))]));
    assert_eq!(since, Since::Added(BTreeSet::from([Addition::Metadata])));

    // A page shows an object that is not there yet.
    let prepared = append(RECETA, &[(number, &showing("[700 0 R]"))]);
    check(&append(&sign(&pki, &prepared), &[(700, &stream("", "9 9 m"))]), Alteration::Ambiguous);

    // The information of the file is the content of the page.
    let (info, said) = object(RECETA, &["/CreationDate", "/Title"]);
    let told = said.trim_start_matches("<<").trim_end_matches(">>").to_owned();
    let prepared =
        append(RECETA, &[(number, &showing(&format!("{info} 0 R"))), (info, &stream(&told, "0 0 m"))]);
    check(&append(&sign(&pki, &prepared), &[(info, &stream(&told, "9 9 m"))]), Alteration::Content);

    // What the page shows hangs below the evidence, but not only there.
    let (catalog, root) = object(RECETA, &["/Catalog", "/Outlines"]);
    let root = root.replacen("<<", "<</DSS<</VRI 43 0 R>>", 1);
    let prepared = append(RECETA, &[(catalog, &root)]);
    check(&append(&sign(&pki, &prepared), &[(43, &stream("", "9 9 m"))]), Alteration::Content);
}

/// What is allowed to change must be looked at in the very object that changes.
#[test]
fn an_object_with_two_uses_is_not_changed_under_the_name_of_one() {
    let Some(pki) = authority() else { return };
    let (number, body) = object(RECETA, &["/Page", "/MediaBox"]);
    let (catalog, root) = object(RECETA, &["/Catalog", "/Outlines"]);
    let stream =
        |kind: &str, words: &str| format!("<<{kind}/Length {}>>\nstream\n{words}\nendstream", words.len());

    // The evidence names the page, and the page its content: the content is no evidence.
    let kept = root.replacen("<<", "<</DSS 700 0 R", 1);
    let store = format!("<</VRI {number} 0 R>>");
    let signed = sign(&pki, &append(RECETA, &[(catalog, &kept), (700, &store)]));
    check(&append(&signed, &[(43, &stream("", "9 9 m"))]), Alteration::Content);

    // The form moves to another object, and the old one becomes something else.
    let with_form = root.replacen("<<", "<</AcroForm 700 0 R", 1);
    let signed = sign(&pki, &append(RECETA, &[(catalog, &with_form), (700, "<</Fields[]>>")]));
    let (_, form) = object(&signed, &["/Fields", "/SigFlags"]);
    let (_, root) = object(&signed, &["/Catalog", "/AcroForm"]);
    let moved = root.replace("700 0 R", "701 0 R");
    check(&append(&signed, &[(catalog, &moved), (700, "<</F1 43 0 R>>"), (701, &form)]), Alteration::Content);

    // A second page is a stream too, and the content of the first.
    let page = |words: &str| stream("/Type/Page/Parent 1 0 R/MediaBox[0 0 9 9]", words);
    let pages = "<</Type/Pages/Count 2/Kids[36 0 R 700 0 R]>>";
    let showing = body.replace("/Contents 43 0 R", "/Contents 700 0 R");
    let signed = sign(&pki, &append(RECETA, &[(1, pages), (number, &showing), (700, &page("0 0 m"))]));
    check(&append(&signed, &[(700, &page("9 9 m"))]), Alteration::Content);
}
