//! What the usual documents say on paper, compared with the golden files.

use std::fs;
use std::path::PathBuf;

use clinical::document::DocumentContent;
use documents::RenderContext;

use crate::{RENDERER, samples};

fn check(name: &str, content: &DocumentContent, ctx: &RenderContext) {
    let pdf = RENDERER.render(content, ctx).unwrap();
    assert!(pdf.starts_with(b"%PDF-1.7"));
    assert!(pdf.len() < 150_000, "{name}: {} bytes", pdf.len());
    fs::write(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf")), &pdf).unwrap();
    assert!(pdf == RENDERER.render(content, ctx).unwrap(), "{name}: other bytes the second time");

    compare(name, &RENDERER.render_text(content, ctx).unwrap());
}

fn compare(name: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/documents")
        .join(format!("{name}.txt"));
    if std::env::var("MEDICUS_GOLDEN").is_ok_and(|word| word == "write") {
        fs::write(&file, text).unwrap();
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert!(text == golden, "{name} differs from {}:\n{text}", file.display());
}

#[test]
fn a_progress_note() {
    check("nota-de-evolucion", &samples::progress_note(), &samples::original());
}

#[test]
fn a_note_of_a_trainee_under_supervision() {
    check("nota-supervisada", &samples::supervised_note(), &samples::original());
}

#[test]
fn a_clinical_history() {
    check("historia-clinica", &samples::clinical_history(), &samples::original());
}

#[test]
fn a_prescription() {
    check("receta", &samples::prescription(), &samples::original());
}

#[test]
fn a_reprinted_prescription() {
    check("receta-reimpresa", &samples::prescription(), &samples::reprint());
}

#[test]
fn recetas_of_an_antibiotic_and_of_the_fracciones_ii_and_iii() {
    check("receta-antibiotico", &samples::antibiotic(), &samples::original());
    check("receta-fraccion-ii", &samples::fraction_two(), &samples::original());
    check("receta-fraccion-iii", &samples::fraction_three(), &samples::original());
}

#[test]
fn a_cancelled_receta() {
    check("receta-cancelada", &samples::prescription(), &samples::cancelled());
}

#[test]
fn a_receta_whose_prescriber_went_on_in_spite_of_alerts() {
    check("receta-con-avisos", &samples::weighed(), &samples::original());
}

#[test]
fn the_sheet_for_the_patient() {
    let content = samples::prescription();
    let pdf = RENDERER.patient_sheet(&content, &samples::original()).unwrap();
    fs::write(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hoja-del-paciente.pdf"), pdf).unwrap();
    compare("hoja-del-paciente", &RENDERER.patient_sheet_text(&content, &samples::original()).unwrap());
}

#[test]
fn a_draft_note() {
    check("borrador-de-nota", &samples::progress_note(), &samples::draft());
}

#[test]
fn an_addendum() {
    check("adenda", &samples::addendum(), &samples::original());
}
