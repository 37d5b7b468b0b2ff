//! What is no consultation, or a damaged one: the draft says what it could not use and invents nothing.

use clinical::document::DocumentKind;
use clinical::draft::DraftNote;

fn draft(text: &str) -> DraftNote {
    let transcript = scribe::parse::transcript(text.as_bytes()).expect("a readable transcript");
    scribe::draft(&transcript).note(nom004::definition(DocumentKind::PROGRESS_NOTE))
}

fn sentences(draft: &DraftNote) -> Vec<String> {
    draft.items.iter().map(|item| item.content.text()).collect()
}

/// The draft proposes these sentences and no others, and tells every one of these things.
#[track_caller]
fn check(text: &str, proposed: &[&str], told: &[&str]) {
    let draft = draft(text);
    assert_eq!(sentences(&draft), proposed, "{:?}", draft.notices);
    for part in told {
        assert!(
            draft.notices.iter().any(|notice| notice.text.contains(part)),
            "{part:?} is not told: {:?}",
            draft.notices
        );
    }
    assert_eq!(draft.notices.is_empty(), told.is_empty(), "{:?}", draft.notices);
}

#[test]
fn a_recipe_gives_no_note_and_says_so() {
    check(
        "D: Para el mole primero se tuestan los chiles anchos, doscientos gramos, y se remojan.\n\
         P: ¿Y la tortilla?\n\
         D: Se fríe en manteca hasta que quede dorada, luego se muele con tres jitomates y media cebolla.\n\
         P: ¿Y el chocolate?\n\
         D: Una tableta, al final, con una cucharadita de azúcar. Hierve treinta minutos a fuego bajo.\n\
         P: ¿No se pega?\n\
         D: No, si le mueves cada cinco minutos con la cuchara de palo.\n\
         P: Ya me dio hambre. ¿Para cuántos alcanza?\n\
         D: Para diez, con dos kilos de pollo.",
        &[],
        &["no parece una consulta"],
    );
}

#[test]
fn of_a_song_nothing_is_proposed_and_what_it_sounded_like_is_a_doubt() {
    let song = "P: Ay amor, cómo me duele la cabeza de tanto llorar por ti desde que te fuiste.\n\
                P: Ya no puedo dormir, no tengo apetito, la fiebre de tu querer me está matando.\n\
                P: Vuelve, que sin ti me falta el aire y no hay remedio para este mal.\n\
                P: Guitarra mía, dile que la espero en la estación con flores y con mi canción.";
    check(song, &[], &["Solo se oye a una persona"]);
    let draft = draft(song);
    assert!(!draft.doubts.is_empty());
}

#[test]
fn talk_in_another_language_is_not_used() {
    check(
        "D: Good morning, how are you feeling today?\n\
         P: I have had a fever and a headache for three days, no vomiting.\n\
         D: Do you take any medication? Any allergies?\n\
         P: I take metformin and losartan, and there are no allergies.\n\
         D: I will prescribe amoxicillin 500 mg every eight hours for seven days.",
        &[],
        &["no está en español"],
    );
    check(
        "D: ¿Ha tenido fiebre o tos?\n\
         P: No, nada de eso.\n\
         C: Tell him that you have been with diarrhea and the headache is not going away.\n\
         D: ¿Toma algún medicamento?\n\
         P: Sí, losartán de cincuenta.",
        &["Niega fiebre y tos.", "Toma losartán 50 mg."],
        &["En el turno 3 se habla otro idioma"],
    );
}

#[test]
fn of_two_consultations_in_one_file_only_the_first_is_used() {
    let draft = draft(
        "D: Buenos días, señora Carmen. ¿Qué la trae por aquí?\n\
         P: Me duele la garganta desde hace tres días.\n\
         D: ¿Alergias?\nP: No, ninguna.\n\
         D: Tiene una amigdalitis. Le dejo amoxicilina de quinientos, una cada ocho horas por siete días.\n\
         P: Gracias, doctora.\n\
         D: Que le vaya bien. Pásele el que sigue.\n\
         D: Buenos días, don Ramón, siéntese. ¿En qué le puedo ayudar?\n\
         P: Vengo por mi presión, tomo losartán de cincuenta. Y soy alérgico a la penicilina.\n\
         D: Le subo el losartán a cien miligramos al día.",
    );
    let note = sentences(&draft).join(" ");
    assert!(note.contains("Amoxicilina") && note.contains("Niega alergias"), "{note}");
    assert!(!note.contains("osartán") && !note.contains("penicilina"), "{note}");
    assert!(
        draft.notices.iter().any(|notice| notice.text.contains("En el turno 8 parece empezar otra consulta"))
    );
}

#[test]
fn a_greeting_in_the_middle_begins_no_other_consultation() {
    let draft = draft(
        "D: ¿Qué le pasa?\nP: Me arde al orinar.\nD: ¿Fiebre?\nP: No.\nD: Permítame un momento.\nP: Gracias.\n\
         D: Buenos días, licenciada, ahorita le firmo. Bueno, ¿y ha tenido tos?\nP: No, tos no.",
    );
    assert!(draft.notices.is_empty(), "{:?}", draft.notices);
    assert!(sentences(&draft).join(" ").contains("Niega fiebre y tos"), "{:?}", sentences(&draft));
}

#[test]
fn what_a_recogniser_repeats_is_read_once() {
    let stuck = "Me duele la cabeza. ".repeat(40);
    let thanks = "P: Gracias por ver el video.\n".repeat(20);
    check(
        &format!(
            "D: ¿Qué le pasa?\nP: {stuck}\nD: ¿Ha tenido fiebre?\nP: No.\n{thanks}\
             D: Le dejo paracetamol de quinientos, una cada ocho horas por tres días."
        ),
        &[
            "Motivo de la consulta: «Me duele la cabeza».",
            "Refiere cefalea.",
            "Niega fiebre.",
            "Paracetamol 500 mg, vía oral, cada 8 horas, por 3 días.",
        ],
        &["se repiten las mismas palabras"],
    );
    check(
        "D: ¿Fiebre?\nP: No, no, no, no, no, no, fiebre no.\nD: ¿Tos?\nP: Sí.",
        &["Refiere tos.", "Niega fiebre."],
        &[],
    );
}

#[test]
fn numbers_that_cannot_be_are_told_and_not_written() {
    check(
        "D: Le tomo la presión. Mil doscientos sobre ochenta. Temperatura noventa y ocho. Pulso setenta y dos.\n\
         P: ¿Está bien?\n\
         D: Le dejo amoxicilina, cincuenta mil miligramos cada ocho horas por siete días.\n\
         P: Gracias.",
        &["Frecuencia cardiaca 72 por minuto", "Amoxicilina, vía oral, cada 8 horas, por 7 días."],
        &[
            "«Mil doscientos sobre ochenta» no puede ser",
            "«noventa y ocho» no puede ser",
            "50000 mg por toma",
        ],
    );
    check(
        "D: Presión 120/80, temperatura 36.5.\nP: Bien.",
        &[
            "Tensión arterial sistólica 120 mmHg",
            "Tensión arterial diastólica 80 mmHg",
            "Temperatura 36.5 °C",
        ],
        &[],
    );
}

#[test]
fn insults_are_no_findings_and_a_rude_word_about_a_pain_is_none() {
    check(
        "D: ¿Le duele algo?\n\
         P: Es usted un imbécil, doctor, está usted ciego y sordo.\n\
         D: Así no podemos seguir.",
        &[],
        &["En el turno 2 hay insultos"],
    );
    check(
        "D: ¿Qué le pasa?\nP: Este pinche dolor de cabeza no se me quita.",
        &["Motivo de la consulta: «Este pinche dolor de cabeza no se me quita».", "Refiere cefalea."],
        &[],
    );
}

#[test]
fn dictated_punctuation_is_read_as_punctuation() {
    let draft = draft(
        "D: Exploración dos puntos abdomen blando coma depresible coma sin dolor punto y aparte\n\
         D: Temperatura treinta y siete punto cinco punto y aparte se indica paracetamol de quinientos cada ocho horas \
         por tres días punto final",
    );
    let note = sentences(&draft);
    assert!(note.iter().any(|sentence| sentence == "Temperatura 37.5 °C"), "{note:?}");
    assert!(note.iter().any(|sentence| sentence.contains("Paracetamol 500 mg")), "{note:?}");
    assert!(!note.iter().any(|sentence| sentence.contains("epresión")), "{note:?}");
    assert!(draft.notices.iter().any(|notice| notice.text.contains("se dictaron signos de puntuación")));
    let spoken = self::draft("D: No coma grasa, coma verdura, que coma poco y coma despacio.\nP: Sí.");
    assert!(spoken.notices.is_empty(), "{:?}", spoken.notices);
}

#[test]
fn labels_the_wrong_way_round_give_the_same_note_and_are_told() {
    let talk = |one: &str, two: &str| {
        format!(
            "{one}: Buenas tardes. ¿En qué le puedo ayudar?\n{two}: Me duele la garganta desde hace tres días, doctora.\n\
             {one}: ¿Ha tenido fiebre?\n{two}: No, fiebre no.\n{one}: ¿Es alérgico a algún medicamento?\n{two}: No.\n\
             {one}: Abra la boca. Le voy a dejar paracetamol de quinientos, una cada ocho horas por tres días.\n\
             {two}: Gracias, doctora."
        )
    };
    let right = draft(&talk("D", "P"));
    assert!(right.notices.is_empty() && right.items.len() >= 4, "{:?}", sentences(&right));
    for (one, two) in [("P", "D"), ("P", "P"), ("D", "D")] {
        let wrong = draft(&talk(one, two));
        assert_eq!(sentences(&wrong), sentences(&right), "{one} {two}");
        assert!(
            wrong.notices.iter().any(|notice| notice.text.contains("quién habla se tomó de las palabras"))
        );
    }
}

#[test]
fn three_hours_of_talk_take_time_in_proportion_and_no_fact_twice() {
    let answers = [
        "Me duele la espalda.",
        "Fiebre no he tenido.",
        "Tomo metformina de ochocientos cincuenta.",
        "Comí pozole.",
    ];
    let hour = |turns: usize| {
        (0..turns)
            .map(|at| {
                let place = at % answers.len();
                format!("D: ¿Y qué más pasó el día {at}?\nP: {} Eso fue por ahí del {at}.\n", answers[place])
            })
            .collect::<String>()
    };
    let timed = |text: &str| {
        let started = std::time::Instant::now();
        let found = draft(text);
        (started.elapsed(), found)
    };
    let (short, _) = timed(&hour(200));
    // About 27,000 words.
    let (long, found) = timed(&hour(1_600));
    assert!(long < short * 40, "eight times the talk took {long:?} against {short:?}");
    let mut texts = sentences(&found);
    let all = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), all);
    assert!(all < 12, "{texts:?}");
}
