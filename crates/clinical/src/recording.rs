//! The recording of a consultation: in which state it can be.

use serde::{Deserialize, Serialize};

use crate::demographics::coded;

coded!(
    /// State of a recording. Sound is only taken while it is [`RecordingState::Recording`].
    RecordingState {
        /// Sound arrives.
        Recording = "recording", "Grabando";
        /// Nothing is recorded; it may go on.
        Paused = "paused", "En pausa";
        /// It does not go on.
        Ended = "ended", "Terminada";
        /// Its key is gone: nobody can hear it any more.
        Destroyed = "destroyed", "Destruida";
    }
);

impl RecordingState {
    /// Whether more sound may follow.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Recording | Self::Paused)
    }
}

coded!(
    /// How far listening to a recording is.
    ListeningState {
        /// It is listened to while people speak.
        Live = "live", "En vivo";
        /// It waits for its turn.
        Waiting = "waiting", "En espera";
        /// It is listened to.
        Running = "running", "Escuchando";
        /// What was heard is there.
        Done = "done", "Lista";
        /// It failed, also the second time.
        Failed = "failed", "No se pudo";
        /// Somebody gave it up.
        Cancelled = "cancelled", "Cancelada";
    }
);
