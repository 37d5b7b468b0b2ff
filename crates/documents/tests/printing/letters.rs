//! Letters of the establishment, and what a reprint says.

use documents::{Letter, Report, ReportRow, ReportSection, ReportTable};

use crate::{RENDERER, samples};

fn letter(entries: usize) -> Letter {
    let fact = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    Letter {
        title: "Respuesta a una solicitud de derechos ARCO".to_owned(),
        reference: "solicitud 3".to_owned(),
        establishment: samples::progress_note().establishment,
        issued_at: "2026-03-10T15:15:00Z".parse().unwrap(),
        facts: vec![fact("Solicitud", "3"), fact("Titular", "#panic(\"x\") *Jacinta* [Ahuehuete]")],
        paragraphs: vec!["Su solicitud es: improcedente.".to_owned()],
        entries: (1..=entries)
            .map(|n| (format!("Folio {n}"), vec![format!("Renglón {n}: $x^2$ \\ @no")]))
            .collect(),
        closing: vec!["Fin de la lista.".to_owned()],
        signers: vec![fact("Dra. Citlali Encino Robles", "Responde"), fact("", "Recibe")],
    }
}

#[test]
fn a_letter_is_printed_whole_and_its_words_are_never_code() {
    for (name, entries) in [("carta", 0), ("carta-larga", 60)] {
        let letter = letter(entries);
        let pdf = RENDERER.letter(&letter).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"), "{name}");
        assert!(pdf == RENDERER.letter(&letter).unwrap(), "{name}: other bytes the second time");
        let file = format!("{name}.pdf");
        std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(file), pdf).unwrap();
    }
}

#[test]
fn a_report_is_printed_whole_whatever_it_counts() {
    let row = |n: u8| ReportRow {
        cells: vec![format!("#día {n}"), "$0$".to_owned(), n.to_string()],
        bar: Some(n),
    };
    let table = |rows: u8| ReportTable {
        title: "Consultas por día".to_owned(),
        heads: ["Día", "Primera vez", "Consultas"].map(str::to_owned).to_vec(),
        rows: (0..rows).map(row).collect(),
    };
    for rows in [0, 31, 100] {
        let report = Report {
            title: "Informe semanal del consultorio".to_owned(),
            days: "del 8 al 14 de marzo de 2026".to_owned(),
            establishment: samples::progress_note().establishment,
            issued_at: "2026-03-15T12:00:00Z".parse().unwrap(),
            sections: vec![ReportSection {
                heading: "La práctica".to_owned(),
                paragraphs: vec!["Nada que decir: #panic(1).".to_owned()],
                tables: vec![table(rows)],
            }],
            closing: vec!["Solo cuentas.".to_owned()],
        };
        let pdf = RENDERER.report(&report).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7") && pdf == RENDERER.report(&report).unwrap(), "{rows}");
        let file = format!("informe-{rows}.pdf");
        std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(file), pdf).unwrap();
    }
}

#[test]
fn a_reprint_says_what_the_original_says_and_that_it_is_one() {
    for content in [samples::progress_note(), samples::clinical_history(), samples::prescription()] {
        let original = RENDERER.render_text(&content, &samples::original()).unwrap();
        let reprint = RENDERER.render_text(&content, &samples::reprint()).unwrap();
        let note = "Reimpresión 2, 10 de marzo de 2026, 09:15, Dra. Citlali Encino Robles";
        let pages = |text: &str| text.matches('\u{c}').count() + 1;
        assert_eq!(reprint.matches(note).count(), pages(&reprint), "one mark on every page");
        assert_eq!(pages(&original), pages(&reprint));
        let without = reprint.replace(&format!(". {note}"), "").replace("   Reimpresión 2", "");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&without), words(&original));
    }
}
