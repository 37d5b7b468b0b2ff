//! Packages that were damaged, changed or made to harm: each is refused with what is wrong, and nothing is kept.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use fhir::paths;
use test_support::{Clinic, Engine};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::record::full_record;
use super::{asked, exported, new, source, unpacked};

type Files = BTreeMap<String, Vec<u8>>;

fn packed(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The package with a manifest that fits again what was changed in it.
fn resealed(mut files: Files) -> Vec<u8> {
    let mut manifest: serde_json::Value = serde_json::from_slice(&files[paths::MANIFEST]).unwrap();
    let listed = files.iter().filter(|(name, _)| *name != paths::MANIFEST).map(|(name, bytes)| {
        serde_json::json!({
            "path": name, "size_bytes": bytes.len(), "sha256": storage::sha256(bytes).to_string(),
        })
    });
    manifest["files"] = listed.collect();
    files.insert(paths::MANIFEST.to_owned(), serde_json::to_vec(&manifest).unwrap());
    packed(&files)
}

fn changed(files: &Files, name: &str, from: &str, to: &str) -> Files {
    let mut files = files.clone();
    let text = String::from_utf8(files[name].clone()).unwrap();
    assert!(text.contains(from), "{from} is not in {name}");
    files.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
    files
}

#[tokio::test]
async fn a_package_that_is_not_as_it_was_exported_is_refused_and_leaves_nothing() {
    let (here, there) = (Clinic::on(Engine::Embedded).await, Clinic::on(Engine::Embedded).await);
    let patient = full_record(&here).await;
    let package = exported(&here, patient, &asked("zip")).await;
    let files = unpacked(&package);
    let pdf =
        files.keys().find(|name| name.starts_with("documentos/") && name.ends_with(".pdf")).unwrap().clone();
    let content = pdf.replace(".pdf", ".json");
    let picture = files.keys().find(|name| name.ends_with(".png")).unwrap().clone();
    let with = |name: &str, bytes: &[u8]| {
        let mut files = files.clone();
        files.insert(name.to_owned(), bytes.to_vec());
        files
    };
    let without = |name: &str| {
        let mut files = files.clone();
        files.remove(name).unwrap();
        files
    };
    let flipped = |at: usize| {
        let mut package = package.clone();
        package[at] ^= 0x20;
        package
    };
    let note = String::from_utf8(files[&content].clone()).unwrap();
    let word = note.split('"').find(|word| word.contains("rodilla")).unwrap_or("Inés").to_owned();
    let hostile: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", Vec::new(), "no es un expediente"),
        ("a picture", files[&picture].clone(), "no es un expediente"),
        ("cut short", package[..package.len() / 2].to_vec(), "incompleto"),
        ("an empty zip", packed(&Files::new()), "no es un expediente"),
        ("no manifest", packed(&without(paths::MANIFEST)), "no es un expediente"),
        ("a file less", packed(&without(&pdf)), "sobran o faltan"),
        ("a file more", packed(&with("archivos/virus.exe", b"MZ")), "sobran o faltan"),
        (
            "a file more that the manifest names",
            resealed(with("archivos/virus.exe", b"MZ")),
            "sobran o faltan",
        ),
        ("a way out", resealed(with("../../etc/passwd", b"x")), "nombres que no debe"),
        ("an absolute name", resealed(with("/etc/passwd", b"x")), "nombres que no debe"),
        ("a back slash", resealed(with("..\\windows", b"x")), "nombres que no debe"),
        ("a PDF changed", packed(&with(&pdf, b"%PDF-1.7 otra cosa")), "fue cambiado"),
        (
            "a PDF changed and the manifest with it",
            resealed(with(&pdf, b"%PDF-1.7 otra cosa")),
            "no coincide con sus datos",
        ),
        ("a word of a note", packed(&changed(&files, &content, &word, "otra")), "fue cambiado"),
        (
            "a word of a note and the manifest",
            resealed(changed(&files, &content, &word, "otra")),
            "no coincide con sus datos",
        ),
        (
            "a digest of the manifest",
            packed(&changed(&files, paths::MANIFEST, "\"sha256\": \"", "\"sha256\": \"0")),
            "no es un expediente",
        ),
        (
            "a newer format",
            packed(&changed(&files, paths::MANIFEST, "medicus-record-2", "medicus-record-3")),
            "versión más nueva",
        ),
        ("a claim of 10 GB", claims_ten_gigabytes(&files), "más de lo que puede tener"),
        (
            "a bundle of something else",
            resealed(with(paths::BUNDLE, b"{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}")),
            "no es el de un expediente",
        ),
        ("no bundle", resealed(with(paths::BUNDLE, b"hola")), "JSON"),
        ("a file of another kind", resealed_picture(&files, &picture), "no es del tipo que dice"),
        ("a bit in the middle", flipped(package.len() / 2), ""),
    ];
    for (what, bytes, said) in hostile {
        let refused = there.care.import_record(&there.physician, source(&bytes), String::new(), &new()).await;
        let refused = refused.map(|done| done.added).expect_err(what).to_string();
        assert!(refused.contains(said), "{what}: {refused}");
    }
    assert_eq!(there.care.search_patients(&there.reception, "", 0).await.unwrap().total, 0);
    let kept = walk(&there.directory.join("archivos"));
    assert_eq!(kept, 0, "files were left of refused packages");
}

fn walk(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

/// A manifest that names a file of 10 GB; the file itself is a bomb of zeros.
fn claims_ten_gigabytes(files: &Files) -> Vec<u8> {
    let mut files = files.clone();
    let mut manifest: serde_json::Value = serde_json::from_slice(&files[paths::MANIFEST]).unwrap();
    let list = manifest["files"].as_array_mut().unwrap();
    list.push(serde_json::json!({
        "path": "archivos/bomba.pdf", "size_bytes": 10_u64 << 30, "sha256": "0".repeat(64),
    }));
    files.insert(paths::MANIFEST.to_owned(), serde_json::to_vec(&manifest).unwrap());
    files.insert("archivos/bomba.pdf".to_owned(), vec![0; 4 << 20]);
    packed(&files)
}

/// A picture replaced by a web page, with every digest made to fit.
fn resealed_picture(files: &Files, picture: &str) -> Vec<u8> {
    let page = b"<script>alert(1)</script>";
    let (old, new) = (storage::sha256(&files[picture]).to_string(), storage::sha256(page).to_string());
    let mut files = changed(files, paths::BUNDLE, &old, &new);
    let size = format!("\"size\":{}", files[picture].len());
    files = changed(&files, paths::BUNDLE, &size, &format!("\"size\":{}", page.len()));
    files.insert(picture.to_owned(), page.to_vec());
    resealed(files)
}

#[tokio::test]
async fn a_zip_bomb_is_read_no_further_than_it_may_be_long() {
    let (here, there) = (Clinic::on(Engine::Embedded).await, Clinic::on(Engine::Embedded).await);
    let patient = super::record::small_record(&here).await;
    let mut files = unpacked(&exported(&here, patient, &asked("zip")).await);
    // A readme that unpacks to much more than the manifest says.
    files.insert("LEAME.txt".to_owned(), vec![b' '; 64 << 20]);
    let bomb = packed(&files);
    assert!(bomb.len() < 2 << 20, "{} bytes", bomb.len());
    let refused = there.care.import_record(&there.physician, source(&bomb), String::new(), &new()).await;
    assert!(refused.map(|done| done.added).unwrap_err().to_string().contains("fue cambiado"));
}

#[tokio::test]
async fn things_of_another_patient_cannot_be_claimed() {
    let (here, there) = (Clinic::on(Engine::Embedded).await, Clinic::on(Engine::Embedded).await);
    let patient = full_record(&here).await;
    let package = exported(&here, patient, &asked("zip")).await;
    there.care.import_record(&there.physician, source(&package), String::new(), &new()).await.unwrap();
    // The same things again, said to be of somebody else.
    let files = unpacked(&package);
    let other = uuid::Uuid::from_u128(7).to_string();
    let bundle = String::from_utf8(files[paths::BUNDLE].clone()).unwrap();
    let mut stolen = files.clone();
    let bundle = bundle
        .replace(&patient.to_string(), &other)
        .replace("Ahuehuete", "Sabino")
        .replace("1962-01-12", "1990-05-05");
    stolen.insert(paths::BUNDLE.to_owned(), bundle.into_bytes());
    let refused = there
        .care
        .import_record(&there.physician, source(&resealed(stolen)), String::new(), &new())
        .await
        .map(|done| done.added)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("otra persona") || refused.contains("no coincide"), "{refused}");
    assert_eq!(there.care.search_patients(&there.reception, "", 0).await.unwrap().total, 1);
}
