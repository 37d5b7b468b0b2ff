//! The consultation with sample values: empty, typical, extreme, signed.

use super::*;
use crate::views::coding::{BranchView, CodeChoices, CodeResults, CodeRow, CodeSearchPage};
use crate::views::precise::{AxisView, ChoosableView, PrecisePage, PreciseResult};

fn desk(signed: bool) -> Desk {
    Desk {
        hears: true,
        base: "/consultas/1".into(),
        doc: "nota".to_owned(),
        templates: Vec::new(),
        model: ModelView::default(),
        manner: Some(clinical::preference::Manner::Brief),
        request: None,
        title: "Nota de evolución".into(),
        version: 7,
        token: "t".into(),
        writes: true,
        signed,
        page: "/consultas/1".into(),
    }
}

fn turns(n: usize) -> Vec<TurnView> {
    let mut turns = vec![
        (Speaker::Doctor, vec![("Buenos días, doña Jacinta. ¿Qué la trae hoy?", "")]),
        (
            Speaker::Patient,
            vec![
                ("Pues ", ""),
                ("la rodilla", "a1"),
                (", doctora, ", ""),
                ("la derecha", "a1"),
                (". Ya tengo como ", ""),
                ("tres semanas que me duele", "a1"),
                (".", ""),
            ],
        ),
        (Speaker::Doctor, vec![("¿", ""), ("Se cayó o se golpeó", "a1"), ("?", "")]),
        (Speaker::Patient, vec![("No, no, nada de golpes", "a1"), (".", "")]),
        (
            Speaker::Companion,
            vec![("Yo le di un paracetamol el domingo, doctora, y ", ""), ("sí le calmó", "a3"), (".", "")],
        ),
        (Speaker::Unknown, vec![("Desde el domingo.", "")]),
    ];
    while turns.len() < n {
        turns.push((
            Speaker::Patient,
            vec![
                ("Y así sigo, doctora, con ", ""),
                ("el dolor que le digo cuando bajo las escaleras", "a2"),
                (".", ""),
            ],
        ));
    }
    turns
        .into_iter()
        .enumerate()
        .map(|(i, (speaker, segments))| TurnView {
            n: i + 1,
            speaker,
            segments: segments.into_iter().map(|(text, marks)| (text.to_owned(), marks.to_owned())).collect(),
            cut: false,
            heard: None,
        })
        .collect()
}

fn sentence(mark: &str, text: &str, stage: Stage) -> SentenceView {
    SentenceView {
        id: format!("018f0000-0000-7000-8000-0000000000{mark}"),
        mark: mark.into(),
        text: text.into(),
        stage,
        selected: false,
        author: None,
        plain: None,
        cites: Vec::new(),
        source: None,
        code: None,
        medicine: None,
        editing: None,
        heard: None,
    }
}

fn section(
    id: &str,
    title: &'static str,
    numeral: Option<&'static str>,
    sentences: Vec<SentenceView>,
) -> SectionView {
    SectionView {
        id: id.into(),
        anchor: format!("s-{}", id.replace('.', "-")),
        title: title.into(),
        numeral,
        sentences,
        gap: None,
        hint: "Su juicio sobre el curso esperado".into(),
        bulk: false,
        adds: vec![("oracion", "Escribir")],
        adding: None,
        medicines: id.ends_with("tratamiento"),
        has_phrases: false,
        phrases: Vec::new(),
        doubts: Vec::new(),
    }
}

pub(super) fn typing(address: &str, form: &str) -> Typing {
    Typing { address: address.into(), form: form.into(), recovered: "hoy 10:32".into() }
}

pub(super) fn cites() -> Vec<CiteView> {
    vec![
        CiteView { speaker: Speaker::Patient, turn: 2, quote: "la rodilla".into() },
        CiteView { speaker: Speaker::Doctor, turn: 3, quote: "Se cayó o se golpeó".into() },
    ]
}

fn note(signed: bool, extra: usize) -> NoteView {
    let first = SentenceView {
        selected: true,
        cites: cites(),
        ..sentence(
            "a1",
            "Dolor en la rodilla derecha de tres semanas de evolución; aumenta al bajar escaleras y cede con el reposo. Niega caídas o golpes.",
            Stage::Pending,
        )
    };
    let edited = SentenceView {
        author: Some(("pencil", "editada por usted")),
        ..sentence("a2", "Rigidez matutina de diez minutos.", Stage::Accepted)
    };
    let preferred = SentenceView {
        author: Some(("user-round-pen", "según su preferencia")),
        plain: Some("Mejoró con una dosis de paracetamol, según refiere la hija.".into()),
        cites: cites(),
        ..sentence("a3", "Mejoró con una dosis de paracetamol, según comenta la hija.", Stage::Pending)
    };
    let mut story = vec![first, edited, preferred, sentence("a4", "Duerme bien.", Stage::Discarded)];
    for i in 0..extra {
        story.push(SentenceView {
            cites: cites(),
            ..sentence(
                &format!("b{i}"),
                "Oración propuesta con sus citas, de un largo común en una nota.",
                Stage::Pending,
            )
        });
    }
    let doubt = DoubtView {
        index: 0,
        text: "Continúa con warfarina 5 mg cada 24 horas.".into(),
        reason: "Dijo «una y media» y luego «nada más una».".into(),
        cites: cites(),
        field: Field::area("texto", "Cómo debe quedar")
            .id("duda-0-texto")
            .value("Continúa con warfarina 5 mg cada 24 horas."),
        typing: typing("/consultas/1/nota/sin-guardar", "duda:1"),
    };
    let medicine = MedicineView {
        action: "Inicia",
        name: "naproxeno".into(),
        cells: vec![
            ("Dosis", "500 mg".into(), true),
            ("Vía", "oral".into(), true),
            ("Periodicidad", "cada 12 horas".into(), true),
            ("Duración", "falta".into(), false),
        ],
        instructions: "Con alimentos".into(),
        twins: "Naproxeno se confunde con otro. Al aceptarlo confirma que es naproxeno.".into(),
        severity: Some(("mayor", "Mayor")),
        completing: Some(vec![
            ("7 días".into(), "receta R-12 del 3 de marzo de 2026".into()),
            ("tableta de 500 mg".into(), "catálogo".into()),
        ]),
    };
    let editing = EditForm {
        action: "/x".into(),
        token: "t".into(),
        version: 7,
        section: String::new(),
        kind: ItemKind::Condition,
        parts: parts(ItemKind::Condition, None, &Posted::default().with("texto", "Gonartrosis derecha"), &[]),
        errors: ErrorSummary::new(&[]),
        original: Some("Osteoartritis de rodilla".into()),
        cancel: "/consultas/1".into(),
        hidden: ("", String::new()),
        typing: typing("/consultas/1/nota/sin-guardar", "editar:1"),
    };
    let text = |href: Option<&str>| UnsavedView {
        place: "Pronóstico".into(),
        when: "hoy 10:32".into(),
        excerpt: LONG.into(),
        href: href.map(str::to_owned),
        form: "editar:1".into(),
    };
    let notice = NoticeView {
        text: "Tensión arterial: «mil doscientos sobre ochenta» no puede ser; no se usó.".into(),
        cites: Vec::new(),
    };
    NoteView {
        notices: if signed { Vec::new() } else { vec![notice] },
        unsaved: if extra > 0 { vec![text(Some("/consultas/1?editar=1")), text(None)] } else { Vec::new() },
        desk: desk(signed),
        sections: vec![
            SectionView {
                bulk: true,
                doubts: if signed { Vec::new() } else { vec![doubt] },
                ..section(
                    "ev.evolucion",
                    "Evolución y actualización del cuadro clínico",
                    Some("6.2.1"),
                    story,
                )
            },
            section(
                "ev.signos",
                "Signos vitales",
                Some("6.2.2"),
                vec![sentence("a5", "Tensión arterial sistólica 132 mmHg", Stage::Accepted)],
            ),
            section(
                "ev.diagnosticos",
                "Diagnósticos o problemas clínicos",
                Some("6.2.4"),
                vec![
                    SentenceView {
                        code: Some(("FA01.0 por confirmar".into(), false)),
                        ..sentence("a6", "Osteoartritis primaria de la rodilla derecha.", Stage::Accepted)
                    },
                    SentenceView {
                        code: Some(("BC81.32".into(), true)),
                        ..sentence("a7", "Fibrilación auricular permanente.", Stage::Accepted)
                    },
                    SentenceView {
                        editing: (!signed).then_some(editing),
                        ..sentence("a8", "Gonartrosis.", Stage::Pending)
                    },
                ],
            ),
            SectionView {
                gap: Some("Falta el pronóstico.".into()),
                has_phrases: true,
                phrases: (0..if signed { 0 } else { 12 }).map(|_| LONG.into()).collect(),
                ..section("ev.pronostico", "Pronóstico", Some("6.2.5"), Vec::new())
            },
            section(
                "ev.tratamiento",
                "Tratamiento e indicaciones médicas",
                Some("6.2.6"),
                vec![
                    SentenceView { medicine: Some(medicine), ..sentence("a9", "", Stage::Pending) },
                    SentenceView {
                        author: Some(("pen-line", "escrita por usted")),
                        ..sentence(
                            "c1",
                            "Se explican signos de alarma y se cita en dos semanas.",
                            Stage::Accepted,
                        )
                    },
                ],
            ),
        ],
    }
}

fn alert(anchor: &str, code: &'static str, word: &'static str, decided: bool) -> AlertView {
    AlertView {
        anchor: anchor.into(),
        key: "pair:naproxen+warfarin".into(),
        severity: (code, word),
        title: "Naproxeno con warfarina".into(),
        message: "Riesgo de hemorragia digestiva.".into(),
        advice: "Evite el naproxeno; use paracetamol.".into(),
        mechanism: "FD: antiplaquetario y daño mucoso.".into(),
        sources: vec!["Ficha FDA de warfarina, sección 7.".into(), "Ficha FDA de naproxeno.".into()],
        quotes: vec!["Concomitant use of naproxen and warfarin increases the risk of bleeding.".into()],
        remove: vec![("1".into(), "Quitar naproxeno".into())],
        form: (!decided).then(|| {
            let wrong = "Escriba por qué se indica a pesar de la contraindicación";
            let errors = match code {
                "contraindicada" => vec![FieldError::new("motivo", wrong)],
                _ => Vec::new(),
            };
            let options = vec![("beneficio".into(), "El beneficio supera el riesgo".into())];
            AlertForm {
                reason: Choice::new("motivo_codigo", "Motivo", options).id(format!("{anchor}-m")),
                day: Field::date("fecha", "Día de la revisión").id(format!("{anchor}-f")),
                text: Field::area("motivo", "Con sus palabras")
                    .from(&Posted::default(), &errors)
                    .id(format!("{anchor}-x")),
                open: !errors.is_empty(),
            }
        }),
        decided: decided
            .then(|| ("Se mantiene. El dato registrado es incorrecto.".into(), Some("/pacientes/1".into()))),
    }
}

fn choices(mark: &str, keep: &str) -> CodeChoices {
    let row = |code: &str, title: &str, icd10: &[(&str, &str)], favourite| CodeRow {
        code: code.into(),
        title: title.into(),
        icd10: icd10.iter().map(|(code, title)| ((*code).to_owned(), (*title).to_owned())).collect(),
        favourite,
        reason: "Alta confianza, por «gonartrosis», «derecha»".into(),
    };
    let several = [("M17.0", "Primary gonarthrosis, bilateral"), ("M17.1", "Other primary gonarthrosis")];
    CodeChoices {
        legend: "Código de la rodilla".into(),
        mark: mark.into(),
        keys: keep.is_empty(),
        keep: keep.into(),
        rows: vec![
            row("FA01.0", "Osteoartritis primaria de la rodilla", &several, true),
            row("FA01.Z", "Osteoartritis de la rodilla, sin especificación", &[("M17.9", "")], false),
            row("FA0Z", "Osteoartritis, sin especificación", &[], false),
        ],
    }
}

fn queue(signed: bool, full: bool) -> QueueView {
    let candidates = choices("a6", "");
    QueueView {
        desk: desk(signed),
        alerts: if full {
            vec![
                alert("al-1", "contraindicada", "Contraindicada", false),
                alert("al-2", "mayor", "Mayor", false),
                alert("al-3", "mayor", "Mayor", true),
            ]
        } else {
            Vec::new()
        },
        quiet: if full { vec![alert("al-4", "moderada", "Moderada", false)] } else { Vec::new() },
        minor: if full { vec![alert("al-5", "menor", "Menor", false)] } else { Vec::new() },
        notices: vec![DrugNotice {
            kind: "Nombre parecido",
            message: "Clonazepam se confunde con clonidina.".into(),
            advice: "Confirmar que se quiere clonazepam y no clonidina.".into(),
            source: "Listas públicas.".into(),
        }],
        asks_pregnancy: full,
        checked: Checked {
            used: vec!["Creatinina 1.6 mg/dL (09/03/2026)".into()],
            missing: vec!["Embarazo no interrogado".into()],
            sources: "reglas del 2026-11-26".into(),
            informative: vec![alert("al-6", "informativa", "Informativa", true)],
        },
        codes: if full {
            vec![CodeView {
                item: "6".into(),
                mark: "a6".into(),
                text: "osteoartritis de la rodilla derecha".into(),
                candidates,
            }]
        } else {
            Vec::new()
        },
        lines: if full {
            vec![LineView {
                href: "#falta-s-ev-pronostico".into(),
                icon: "square-dashed",
                title: "Falta el pronóstico.".into(),
                detail: "NOM-004, numeral 6.2.5".into(),
            }]
        } else {
            Vec::new()
        },
        unknown: if full {
            let fix = NameFix {
                action: "/consultas/1/nota/oraciones/7/editar".into(),
                fields: vec![("accion".into(), "start".into())],
                names: vec!["amoxicilina".into(), "ampicilina".into()],
            };
            let of = |name: &str, fix| UnknownView { name: name.into(), fix };
            vec![of("hierba de la víbora", None), of("amoxisilina", Some(fix))]
        } else {
            Vec::new()
        },
        pending: if full { 4 } else { 0 },
        next: "#o-a1".into(),
        sends: false,
        may_cancel: true,
        sign: "Firmar nota y receta".into(),
        has_medicines: true,
        edition: "2024-01".into(),
    }
}

fn consultation(turn_count: usize, full: bool, signed: bool, extra: usize) -> ConsultationPage {
    let mut note = note(signed, extra);
    if turn_count == 0 {
        for section in &mut note.sections {
            section.sentences.clear();
            section.doubts.clear();
        }
    }
    ConsultationPage {
        shell: narrow(Place::Consultation),
        patient: patient(Extra::Progress { accepted: 9, total: 13 }),
        desk: desk(signed),
        transcript: TranscriptView {
            turns: if turn_count == 0 { Vec::new() } else { turns(turn_count) },
            about: "3 voces, 812 palabras".into(),
            paste: Field::area("pegado", "O pegue el texto").optional(),
            typing: typing("/consultas/1/nota/sin-guardar", "transcripcion"),
            error: (turn_count == 0 && full).then(|| "El archivo está vacío".into()),
            silent: false,
            replacing: false,
            pages: Vec::new(),
        },
        note,
        queue: queue(signed, full),
        alert: None,
    }
}

#[test]
fn consultation_empty_typical_extreme_and_signed() {
    check("consulta-vacia", &consultation(0, false, false, 0));
    check("consulta-archivo-malo", &consultation(0, true, false, 0));
    check("consulta", &consultation(16, true, false, 0));
    check("consulta-larga", &consultation(240, true, false, 60));
    let html = check("consulta-firmada", &consultation(16, false, true, 0));
    assert!(
        !html.contains("/aceptar\"") && !html.contains("/descartar\""),
        "nothing of a signed note can be edited"
    );
    let swap = ConsultationSwap {
        note: note(false, 0),
        queue: queue(false, true),
        patient: patient(Extra::Progress { accepted: 10, total: 13 }),
        alert: Some(AlertBar {
            tone: "warn",
            text: "Otra persona guardó.".into(),
            quote: Some("<i>mi texto</i>".into()),
        }),
        said: Some(Said { text: "Oración descartada".into(), undo: "/x".into(), fields: Vec::new() }),
    };
    let html = check("consulta-cambio", &swap);
    assert!(html.contains("&#60;i&#62;") && html.contains("Deshacer"));
    let place = |code: &str, title: &str| BranchView {
        href: format!("/consultas/1/cie?lugar={code}"),
        code: code.into(),
        title: title.into(),
    };
    let search = |imported: bool| CodeSearchPage {
        shell: narrow(Place::Consultation),
        text: "osteoartritis de la rodilla <derecha>".into(),
        results: CodeResults {
            desk: desk(false),
            item: "6".into(),
            query: "rodilla".into(),
            found: choices("r", "/consultas/1/cie/favorito"),
            problem: None,
        },
        favourites: choices("f", "/consultas/1/cie/favorito"),
        recent: choices("u", "/consultas/1/cie/favorito"),
        path: vec![place("15", "Enfermedades del aparato locomotor"), place("", "Artropatías")],
        below: vec![place("FA01.0", "Osteoartritis primaria de la rodilla")],
        here: Some(choices("j", "")),
        edition: "2024-01".into(),
        imported,
    };
    check("cie", &search(true));
    let mut refused = search(true);
    refused.results.problem = Some("5A11 está dos veces".into());
    assert!(check("cie-mal", &refused).contains("5A11 está dos veces."));
    let value = |code: &str, title: &str, chosen| ChoosableView {
        code: code.into(),
        title: title.into(),
        chosen,
        said: chosen,
    };
    let precise = |error: Option<String>| PrecisePage {
        shell: narrow(Place::Consultation),
        text: "osteoartritis de la rodilla <derecha>".into(),
        code: "FA01.Z".into(),
        title: "Osteoartritis de la rodilla, sin especificación".into(),
        axes: vec![AxisView {
            name: "eje-lado".into(),
            label: "Lado",
            none: false,
            said: true,
            values: vec![value("XK8G", "Izquierdo", false), value("XK9K", "Derecho", true)],
        }],
        company: vec![value("FA00.Z", "Osteoartritis de la cadera, sin especificación", false)],
        other: Field::text("otros", "Otros códigos").value("XA3B84"),
        edition: "2024-01".into(),
        result: PreciseResult { desk: desk(false), item: "6".into(), made: Some(choices("p", "")), error },
    };
    check("cie-precisar", &precise(None));
    assert!(check("cie-precisar-mal", &precise(Some("XK9K está dos veces".into()))).contains("dos veces"));
    assert!(check("cie-incluido", &search(false)).contains("Con la edición completa de la OMS"));
}
