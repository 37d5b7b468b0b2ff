//! The sound of a recording as a browser plays it: WAV, any stretch of it, in parts so that hours of it take no memory.

use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use care::recordings::PCM_SECOND;
use care::{Actor, CareError};
use clinical::ids::RecordingId;
use futures_util::stream;

use super::Answer;
use crate::App;
use crate::outcome::Outcome;
use crate::session::SignedIn;

/// Bytes of the head of a file.
const HEAD: u64 = 44;
/// Bytes of sound that are read at once.
const PART: usize = 16 * PCM_SECOND;

/// The address of a stretch of a recording, in milliseconds: a player begins and ends there.
pub(crate) fn address(id: RecordingId, stretch: &Range<u32>) -> String {
    let tenths = |ms: u32| format!("{}.{}", ms / 1000, ms % 1000 / 100);
    format!("/grabaciones/{id}/audio#t={},{}", tenths(stretch.start), tenths(stretch.end))
}

/// "1:23", of milliseconds.
pub(crate) fn clock(ms: u32) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
}

/// `GET /grabaciones/{id}/audio`.
pub(crate) async fn play(
    State(app): State<App>,
    user: SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id: RecordingId = id.parse().map_err(|_| Outcome::not_found("la grabación"))?;
    let recording = app.care.hear_recording(&user.actor, id).await?;
    let size = u64::try_from(recording.size_bytes).unwrap_or_default();
    let total = HEAD + size;
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let stretch = match asked.map(|asked| range(asked, total)) {
        None => 0..total,
        Some(Some(stretch)) => stretch,
        Some(None) => {
            let all = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, all).into_response());
        }
    };
    let mut response = body(app, user.actor, id, head(size), stretch.clone()).into_response();
    let mut set = |name, value: String| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, "audio/wav".to_owned());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::CONTENT_LENGTH, (stretch.end - stretch.start).to_string());
    if asked.is_some() {
        set(header::CONTENT_RANGE, format!("bytes {}-{}/{total}", stretch.start, stretch.end - 1));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// The bytes of a stretch of the file, read as they are taken.
fn body(app: App, actor: Actor, id: RecordingId, head: Vec<u8>, stretch: Range<u64>) -> Response {
    let parts = stream::try_unfold(stretch, move |left| {
        let (app, actor, head) = (app.clone(), actor.clone(), head.clone());
        async move {
            if left.is_empty() {
                return Ok::<_, CareError>(None);
            }
            let most = usize::try_from(left.end - left.start).unwrap_or(usize::MAX);
            let bytes = if left.start < HEAD {
                let from = usize::try_from(left.start).unwrap_or_default();
                head.get(from..).unwrap_or_default().iter().copied().take(most).collect()
            } else {
                app.care.sound_part(&actor, id, left.start - HEAD, most.min(PART)).await?
            };
            // Destroyed meanwhile: the rest does not come.
            if bytes.is_empty() {
                return Ok(None);
            }
            let next = left.start + bytes.len() as u64;
            Ok(Some((Bytes::from(bytes), next..left.end)))
        }
    });
    Response::new(Body::from_stream(parts))
}

/// The head of a WAV file: PCM of 16 bits, 16 000 a second, one channel.
fn head(size: u64) -> Vec<u8> {
    let size = u32::try_from(size).unwrap_or(u32::MAX - 36);
    let second: u32 = 32_000;
    let parts: [&[u8]; 13] = [
        b"RIFF",
        &(size + 36).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &(second / 2).to_le_bytes(),
        &second.to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &size.to_le_bytes(),
    ];
    parts.concat()
}

/// The stretch that "bytes=0-99", "bytes=100-" or "bytes=-50" asks of so many bytes; `None` for one that is not there.
fn range(asked: &str, total: u64) -> Option<Range<u64>> {
    let (from, to) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let stretch = match (from.parse::<u64>().ok(), to.parse::<u64>().ok()) {
        (Some(from), None) if to.is_empty() => from..total,
        (Some(from), Some(to)) => from..to.saturating_add(1).min(total),
        (None, Some(last)) if from.is_empty() => total.saturating_sub(last)..total,
        _ => return None,
    };
    (!stretch.is_empty()).then_some(stretch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_stretch_it_asks_for_or_hears_that_there_is_none() {
        for (asked, expected) in [
            ("bytes=0-99", Some(0..100)),
            ("bytes=100-", Some(100..500)),
            ("bytes=-50", Some(450..500)),
            ("bytes=490-9999", Some(490..500)),
            ("bytes=500-", None),
            ("bytes=9-3", None),
            ("bytes=a-b", None),
            ("lines=0-1", None),
            ("bytes=0-1,4-5", None),
        ] {
            assert_eq!(range(asked, 500), expected, "{asked}");
        }
    }

    #[test]
    fn the_head_has_the_length_every_player_reads() {
        let head = head(64_000);
        assert_eq!((head.len() as u64, &head[40..44]), (HEAD, &64_000_u32.to_le_bytes()[..]));
    }
}
