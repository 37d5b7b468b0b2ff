//! Two consultations in one recording: the second patient's words must not reach the first one's note.

use clinical::transcript::Speaker;
use terminology::fold::fold;

use super::Heard;

/// A visit ends.
const FAREWELLS: &[&str] = &[
    "que le vaya bien",
    "que te vaya bien",
    "hasta luego",
    "nos vemos",
    "con permiso",
    "que este bien",
    "que este muy bien",
    "cuidese",
    "cuidate",
    "adios",
    "bonito dia",
    "buen dia",
    "hasta pronto",
    "que siga bien",
    "que se mejore",
    "gracias",
];
/// The next patient is called.
const NEXT: &[&str] =
    &["el que sigue", "la que sigue", "siguiente paciente", "que pase", "otro paciente", "otra paciente"];
const GREETINGS: &[&str] = &["buenos dias", "buenas tardes", "buenas noches", "mucho gusto"];
/// What a clinician asks first.
const OPENINGS: &[&str] = &[
    "en que le puedo",
    "en que te puedo",
    "en que le ayudo",
    "en que te ayudo",
    "que lo trae",
    "que la trae",
    "que te trae",
    "que le trae",
    "que le pasa",
    "que te pasa",
    "cuenteme",
    "cuentame",
    "digame",
    "dime",
    "a que viene",
    "por que viene",
    "que se le ofrece",
    "viene por",
    "en que puedo",
];
/// How many turns a farewell may lie before the greeting of the next.
const NEAR: usize = 5;
/// Earlier there is no visit to end.
const FIRST: usize = 6;

/// Leaves out everything from the second consultation on.
pub(super) fn leave_out(heard: &mut Heard) {
    let said: Vec<String> = heard.transcript.turns.iter().map(|turn| fold(&turn.text)).collect();
    let has = |turn: usize, cues: &[&str]| cues.iter().any(|cue| said[turn].contains(cue));
    let begins = |turn: usize| {
        let clinician = heard.transcript.turns[turn].speaker != Speaker::Patient;
        let before = turn.saturating_sub(NEAR)..turn;
        let called = (turn.saturating_sub(2)..=turn).any(|at| has(at, NEXT));
        let ended = called || before.clone().any(|at| has(at, FAREWELLS));
        clinician && ended && has(turn, GREETINGS) && (has(turn, OPENINGS) || called)
    };
    let Some(second) = (FIRST..said.len()).find(|&turn| begins(turn)) else { return };
    for turn in second..said.len() {
        heard.blank_turn(turn);
    }
    heard.tell(
        format!(
            "En el turno {} parece empezar otra consulta: de ahí en adelante no se usó nada. Si es otro paciente, \
             cargue esa parte en su consulta.",
            second + 1
        ),
        Vec::new(),
    );
}
