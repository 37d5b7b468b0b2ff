//! Content that is hostile, very long or simply must not be printed.

use std::thread;

use clinical::document::{DocumentBody, DocumentContent, DocumentKind};
use clinical::draft::Origin;
use clinical::medication::{MedicationRequest, RequestAction};
use documents::{Error, RenderContext, Renderer};

use crate::{RENDERER, samples};

/// The pages of the printed original as text; the PDF is made too, so that its standards are checked.
fn pages(name: &str, content: &DocumentContent) -> Vec<String> {
    keep(name, &RENDERER.render(content, &samples::original()).unwrap());
    let text = RENDERER.render_text(content, &samples::original()).unwrap();
    text.split('\u{c}').map(ToOwned::to_owned).collect()
}

/// Leaves a PDF to be looked at.
fn keep(name: &str, pdf: &[u8]) {
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf")), pdf)
        .unwrap();
}

/// Words in one line: where lines break does not matter to what is said.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn note_saying(sentences: &[&str]) -> DocumentContent {
    let said = samples::sections(DocumentKind::PROGRESS_NOTE, &[("ev.evolucion", sentences)]);
    let body = DocumentBody::Note {
        sections: said,
        vital_signs: Vec::new(),
        conditions: Vec::new(),
        medication_requests: Vec::new(),
        transcript: None,
    };
    samples::content(DocumentKind::PROGRESS_NOTE, body)
}

#[test]
fn a_date_of_a_form_is_printed_in_words_and_stays_as_it_was_signed() {
    let said = ["25/11/2026 14:30", "Se citó para el 02/12/2026."];
    let content = note_saying(&said);
    let before = serde_json::to_string(&content).unwrap();
    let text = flowing(&pages("fecha", &content).concat());
    assert!(text.contains("25 de noviembre de 2026, 14:30 Se citó para el 02/12/2026."), "{text}");
    assert_eq!(serde_json::to_string(&content).unwrap(), before);
}

#[test]
fn hostile_text_stays_text() {
    let hostile = [
        "#panic(\"x\") #import \"@preview/x:1.0.0\": * #read(\"/etc/passwd\")",
        "$x^2$ *no* _no_ `no` = no // no /* no */ \\ @no <no> https://ejemplo.invalid ~ -- --- ...",
        "{\"a\": 1} [no] ]] }} \\u{41} ${no} {{ no }} <script>alert(1)</script> ' \" « »",
    ];
    let mut content = note_saying(&hostile);
    content.patient.name = "#sys.version [x] *y*".to_owned();
    content.establishment.name = "] #pagebreak() [".to_owned();
    let text = flowing(&pages("hostil", &content).concat());
    for words in hostile {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    assert!(text.contains("#sys.version [x] *y*") && text.contains("] #pagebreak() ["));
}

#[test]
fn characters_no_font_has_are_shown_as_their_codes() {
    let content = note_saying(&["漢 😀 \u{202e}abc \u{0} \u{e000} \u{301}a n\u{303}o \u{fffd} ≤ 5 → 3"]);
    let text = flowing(&pages("caracteres", &content).concat());
    for code in ["[U+6F22]", "[U+1F600]", "[U+202E]abc", "[U+0000]", "[U+E000]", "[U+FFFD]", "≤ 5 -> 3"] {
        assert!(text.contains(code), "{code} is not in:\n{text}");
    }
}

#[test]
fn names_of_sixty_characters_and_words_without_spaces_stay_on_the_paper() {
    let name = "María de los Ángeles Guadalupe Concepción Ahuehuete-Ceibapentandra Colorín";
    let mut content = note_saying(&[&"x".repeat(400)]);
    content.patient.name = name.to_owned();
    content.patient.allergies = "penicilina, sulfas, naproxeno, ".repeat(8);
    content.establishment.name = format!("Clínica {name}");
    content.establishment.address = "Avenida Inventada sin número, ".repeat(6);
    let mut requests = samples::medicines();
    requests[0].medicine = "a".repeat(120);
    requests[0].presentation = Some("tableta de liberación prolongada de 500 mg, caja con 30, ".repeat(3));
    requests[0].quantity = Some("3 cajas con treinta tabletas de liberación prolongada".to_owned());
    let mut prescription = samples::prescription_of(requests);
    prescription.patient = content.patient.clone();
    prescription.establishment = content.establishment.clone();
    let text = flowing(&pages("nombres-largos-nota", &content).concat());
    let halves = ["María de los Ángeles Guadalupe", "Ahuehuete-Ceibapentandra Colorín"];
    assert!(halves.iter().all(|half| text.contains(half)), "{text}");
    let unbroken = text.replace(' ', "");
    assert!(unbroken.contains(&"x".repeat(400)), "{text}");
    let text = flowing(&pages("nombres-largos-receta", &prescription).concat());
    assert!(halves.iter().all(|half| text.contains(half)), "{text}");
}

#[test]
fn a_receta_of_25_medicines_has_its_header_on_every_page_and_splits_none() {
    let usual = samples::medicines();
    let requests: Vec<MedicationRequest> = (1..=25)
        .map(|n| MedicationRequest { medicine: format!("medicamento inventado {n}"), ..usual[n % 3].clone() })
        .collect();
    let pages = pages("receta-de-25", &samples::prescription_of(requests));
    assert!(pages.len() >= 4, "{} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        let of = format!("Página {} de {}", index + 1, pages.len());
        for words in [
            "Jacinta Ahuehuete Roble",
            "64 años",
            "Mujer",
            "Penicilina (ronchas)",
            "000203",
            "Receta médica",
            "R-000203",
            "Dra. Citlali Encino Robles",
            "Cédula profesional 0000000",
            "Universidad Ficticia del Bajío",
            "Consultorio Los Ahuehuetes",
            "Consultorio de medicina general",
            "Calle Inventada 12",
            "Propietario: Citlali Encino Robles",
            "9 de marzo de 2026, 10:20",
            &of,
        ] {
            assert!(flowing(page).contains(words), "page {}: {words} is not in:\n{page}", index + 1);
        }
        let begun = page.matches("Medicamento inventado").count();
        assert_eq!(begun, page.matches("Cantidad a surtir").count(), "page {}:\n{page}", index + 1);
    }
    let text = pages.concat();
    assert_eq!(text.matches("Fin de la receta: 25 medicamentos").count(), 1);
    assert_eq!(text.matches("Firma autógrafa").count(), 1);
    assert!((1..=25).all(|n| text.contains(&format!("Medicamento inventado {n}"))));
}

#[test]
fn a_long_note_runs_over_pages_and_loses_nothing() {
    let sentences: Vec<String> = (1..=220)
        .map(|n| format!("Frase número {n}: refiere dolor de intensidad variable que cede con reposo y vuelve al esfuerzo."))
        .collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let pages = pages("nota-larga", &note_saying(&sentences));
    assert!((5..=8).contains(&pages.len()), "{} pages", pages.len());
    let text = flowing(&pages.concat());
    assert!((1..=220).all(|n| text.contains(&format!("Frase número {n}:"))));
    assert_eq!(text.matches("Firmado electrónicamente").count(), 1);
    assert!(pages.iter().all(|page| page.contains("Jacinta Ahuehuete Roble") && page.contains("Alergias")));
}

#[test]
fn a_special_prescription_is_never_printed() {
    let content = samples::prescription_of(vec![MedicationRequest::named("morfina", RequestAction::Start)]);
    let refused = RENDERER.render(&content, &samples::original()).unwrap_err();
    assert!(matches!(&refused, Error::SpecialPrescription { medicine } if medicine == "morfina"));
    assert_eq!(refused.to_string(), "morfina solo puede ir en la receta especial con código de barras");
}

#[test]
fn a_controlled_medicine_carries_its_note_for_the_pharmacy() {
    let content =
        samples::prescription_of(vec![MedicationRequest::named("clonazepam", RequestAction::Start)]);
    let text = pages("controlado", &content).concat();
    assert!(text.contains("fracción II: vigente 30 días"), "{text}");
    assert!(text.contains("Fin de la receta: 1 medicamento\n"), "{text}");
}

#[test]
fn a_receta_says_until_when_it_is_filled_and_by_which_article() {
    for (content, said) in [
        (samples::fraction_two(), "Fracción II: vigente 30 días, hasta el 8 de abril de 2026"),
        (
            samples::fraction_three(),
            "vigente 6 meses, hasta el 9 de septiembre de 2026; se surte 2 veces, esa cantidad cada vez,",
        ),
        (samples::antibiotic(), "se surte durante el tratamiento, hasta el 16 de marzo de 2026"),
    ] {
        let text = flowing(&pages("vigencia", &content).concat());
        assert!(text.contains(said), "{said} is not in:\n{text}");
    }
}

#[test]
fn a_cancelled_receta_says_so_on_every_page_and_a_logo_stands_in_the_letterhead() {
    let usual = samples::medicines();
    let requests = (0..12).map(|n| usual[n % 3].clone()).collect();
    let ctx = RenderContext { logo: Some(samples::logo()), ..samples::cancelled() };
    let content = samples::prescription_of(requests);
    let pdf = RENDERER.render(&content, &ctx).unwrap();
    keep("receta-cancelada-con-logo", &pdf);
    let text = RENDERER.render_text(&content, &ctx).unwrap();
    let pages: Vec<&str> = text.split('\u{c}').collect();
    assert!(pages.len() > 1);
    for page in pages {
        assert!(flowing(page).contains("CANCELADA No se surte."), "{page}");
        assert!(flowing(page).contains("Motivo: Dosis equivocada"), "{page}");
    }
}

#[test]
fn the_code_of_a_short_receta_stands_on_its_only_sheet() {
    let text = "MEDICUS1:".to_owned() + &"A7B9C2D4E6".repeat(160);
    let ctx = RenderContext { code: Some(text), logo: Some(samples::logo()), ..samples::original() };
    keep("receta-con-codigo-y-logo", &RENDERER.render(&samples::weighed(), &ctx).unwrap());
    let printed = RENDERER.render_text(&samples::weighed(), &ctx).unwrap();
    assert!(printed.contains("Código para la farmacia") && printed.contains("Firma autógrafa"), "{printed}");
    assert!(printed.contains("Página 1 de 1"), "{printed}");
}

#[test]
fn a_picture_that_cannot_be_drawn_is_refused_before_it_is_kept() {
    assert!(RENDERER.check_logo(&samples::logo()).is_ok());
    let mut broken = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    broken.extend([0, 0, 0, 9, 0, 0, 0, 9, 1, 2, 3]);
    let broken = documents::Logo::new(broken).unwrap();
    assert!(matches!(RENDERER.check_logo(&broken), Err(Error::Typesetting(_))));
}

#[test]
fn the_sheet_for_the_patient_is_in_large_print_and_says_that_it_is_no_receta() {
    let text = RENDERER.patient_sheet_text(&samples::prescription(), &samples::original()).unwrap();
    for words in ["Siga usando warfarina", "media tableta", "3 veces al día", "Esta hoja no es la receta"] {
        assert!(flowing(&text).contains(words), "{words} is not in:\n{text}");
    }
    let refused = RENDERER.patient_sheet(&samples::progress_note(), &samples::original());
    assert!(matches!(refused, Err(Error::NoPrescription)));
}

#[test]
fn when_a_medicine_is_taken_is_said_once() {
    let mut medicine = samples::medicines().remove(0);
    medicine.instructions = Some("solo si hay dolor".to_owned());
    let content = samples::prescription_of(vec![medicine]);
    for text in [
        RENDERER.render_text(&content, &samples::original()).unwrap(),
        RENDERER.patient_sheet_text(&content, &samples::original()).unwrap(),
    ] {
        assert!(text.contains("Solo si hay dolor."), "{text}");
        assert!(!text.to_lowercase().contains("lo necesita"), "{text}");
    }
}

#[test]
fn a_postal_code_stays_beside_its_words() {
    let mut content = samples::prescription();
    let address = "Calle Inventada 12, colonia Ejemplo, Ciudad Ficticia, código postal 00000";
    address.clone_into(&mut content.establishment.address);
    content.patient.address = Some(address.to_owned());
    let text = RENDERER.render_text(&content, &samples::original()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("código")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines.iter().all(|line| line.contains("postal") && line.contains("00000")), "{text}");
}

#[test]
fn a_draft_says_so_on_every_page_and_has_neither_seal_nor_place_to_sign() {
    for content in [samples::progress_note(), samples::prescription()] {
        let text = RENDERER.render_text(&content, &samples::draft()).unwrap();
        for page in text.split('\u{c}') {
            assert!(page.contains("BORRADOR, SIN VALIDEZ"), "{page}");
        }
        for words in ["Firmad", "7d1f", "Firma", "e.firma"] {
            assert!(!text.contains(words), "{words} is in:\n{text}");
        }
    }
}

#[test]
fn assistance_is_mentioned_only_when_there_was_any() {
    let assisted = "Elaborada con asistencia; revisada y firmada por Dra. Citlali Encino Robles.";
    let mut content = note_saying(&["Sin cambios."]);
    assert!(flowing(&pages("con-asistencia", &content).concat()).contains(assisted));
    if let DocumentBody::Note { sections, .. } = &mut content.body {
        sections[0].items[0].origin = Origin::Written;
    }
    assert!(!pages("sin-asistencia", &content).concat().contains("asistencia"));
}

#[test]
fn structured_entries_without_a_section_are_added_rather_than_lost() {
    let body = DocumentBody::Note {
        sections: Vec::new(),
        vital_signs: samples::vital_signs(),
        conditions: samples::conditions(),
        medication_requests: samples::medicines(),
        transcript: None,
    };
    let text = pages("sin-secciones", &samples::content(DocumentKind::PROGRESS_NOTE, body)).concat();
    for words in ["132/80 mmHg", "Gonartrosis derecha", "Paracetamol", "Naproxeno"] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
}

#[test]
fn a_measurement_taken_twice_is_printed_twice() {
    let mut signs = samples::vital_signs();
    let mut second = signs[0];
    second.value = "118".parse().unwrap();
    signs.push(second);
    let texts: Vec<String> = signs.iter().map(ToString::to_string).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let body = DocumentBody::Note {
        sections: samples::sections(DocumentKind::PROGRESS_NOTE, &[("ev.signos", &texts)]),
        vital_signs: signs,
        conditions: Vec::new(),
        medication_requests: Vec::new(),
        transcript: None,
    };
    let text = pages("dos-tensiones", &samples::content(DocumentKind::PROGRESS_NOTE, body)).concat();
    assert!(text.contains("118/80 mmHg") && text.contains("Tensión arterial sistólica 132 mmHg"), "{text}");
    assert_eq!(text.matches("Temperatura").count(), 1);
}

#[test]
fn an_act_signed_in_the_same_minute_shows_one_time() {
    let mut content = note_saying(&["Sin cambios."]);
    content.act_at = content.signed_at;
    assert!(!pages("mismo-minuto", &content).concat().contains("Fecha y hora de la firma"));
}

#[test]
fn an_unknown_time_zone_is_refused_by_name() {
    let mut content = note_saying(&["Sin cambios."]);
    content.establishment.time_zone = "America/Ahuehuetes".to_owned();
    let refused = RENDERER.render(&content, &samples::original()).unwrap_err();
    assert!(matches!(refused, Error::TimeZone { .. }));
}

#[test]
fn many_threads_and_other_renderers_give_the_same_bytes() {
    let content = samples::prescription();
    let expected = RENDERER.render(&content, &samples::original()).unwrap();
    let other = Renderer::new().unwrap();
    thread::scope(|scope| {
        for renderer in [&*RENDERER, &other] {
            scope.spawn(|| assert!(renderer.render(&content, &samples::original()).unwrap() == expected));
        }
    });
}

#[test]
fn empty_texts_are_printed_as_they_are() {
    let mut requests = samples::medicines();
    requests.push(MedicationRequest::named("", RequestAction::Start));
    for mut content in [samples::prescription_of(requests), samples::addendum(), note_saying(&["", "\n\n"])] {
        content.establishment.kind.clear();
        content.establishment.name.clear();
        content.establishment.address.clear();
        content.establishment.owner.clear();
        content.patient.name.clear();
        content.patient.age.clear();
        content.patient.sex.clear();
        content.patient.allergies.clear();
        content.patient.birth_date = Some("ayer".to_owned());
        content.patient.record_number.clear();
        content.author.degree_institution.clear();
        content.author.specialty = None;
        if let DocumentBody::Addendum { reason, text, amends_title, .. } = &mut content.body {
            reason.clear();
            text.clear();
            amends_title.clear();
        }
        assert!(pages("vacios", &content).concat().contains("Firmado electrónicamente"));
    }
}

#[test]
fn a_missing_element_of_a_medicine_is_never_a_blank_to_fill_in() {
    let content =
        samples::prescription_of(vec![MedicationRequest::named("loratadina", RequestAction::Start)]);
    let text = pages("sin-datos", &content).concat();
    assert_eq!(text.matches("No indicada").count(), 5, "{text}");
}

#[test]
fn indications_stand_one_below_the_other_and_a_certificate_tells_nobody_of_allergies() {
    let written = |code: &str, section: &str, said: &[&str]| {
        let kind = DocumentKind::from_code(code).unwrap();
        let body = DocumentBody::Note {
            sections: samples::sections(kind, &[(section, said)]),
            vital_signs: Vec::new(),
            conditions: Vec::new(),
            medication_requests: Vec::new(),
            transcript: None,
        };
        pages(code, &samples::content(kind, body)).concat()
    };
    let said = ["Camine veinte minutos.", "Debe hacerse: radiografía de rodilla."];
    let text = written("IND", "ind.cuidados", &said);
    assert!(text.contains("Alergias") && text.contains("enicilina"), "{text}");
    let with = |words: &str| text.lines().position(|line| line.contains(words));
    assert_ne!(with("Camine veinte"), with("Debe hacerse"), "{text}");
    let text = written("CER", "cer.conclusion", &["Está en condiciones de volver a la escuela."]);
    assert!(!text.to_lowercase().contains("alergia") && !text.contains("enicilina"), "{text}");
}
