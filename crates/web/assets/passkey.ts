// Passkeys: the browser is asked for one with what the form carries, and the form is sent with its answer.
// Without this file the form says that the browser cannot do it; a code does as well.

const fromText = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const toText = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

interface Credential64 {
  type: "public-key";
  id: string;
}

const binary = (list: Credential64[]): PublicKeyCredentialDescriptor[] =>
  list.map(({ type, id }) => ({ type, id: fromText(id) }));

/** What the server takes as the answer. */
async function ask(kind: string, text: string): Promise<string> {
  const wanted = JSON.parse(text);
  const publicKey = { ...wanted, challenge: fromText(wanted.challenge) };
  let credential: Credential | null;
  if (kind === "create") {
    publicKey.user = { ...wanted.user, id: fromText(wanted.user.id) };
    publicKey.excludeCredentials = binary(wanted.excludeCredentials);
    credential = await navigator.credentials.create({ publicKey });
  } else {
    publicKey.allowCredentials = binary(wanted.allowCredentials);
    credential = await navigator.credentials.get({ publicKey });
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no passkey");
  const { response } = credential;
  const answer: Record<string, string> = {
    id: toText(credential.rawId),
    clientDataJSON: toText(response.clientDataJSON),
  };
  if (response instanceof AuthenticatorAttestationResponse) {
    answer.attestationObject = toText(response.attestationObject);
  } else if (response instanceof AuthenticatorAssertionResponse) {
    answer.authenticatorData = toText(response.authenticatorData);
    answer.signature = toText(response.signature);
  }
  return JSON.stringify(answer);
}

/** Starts listening. */
export function startPasskey(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.passkey) return;
    const answer = form.elements.namedItem("respuesta");
    if (!(answer instanceof HTMLInputElement) || answer.value) return;
    event.preventDefault();
    const failed = form.querySelector<HTMLElement>("[data-failed]");
    if (failed) failed.hidden = true;
    ask(form.dataset.passkey, form.dataset.options ?? "{}").then(
      (text) => {
        answer.value = text;
        form.submit();
      },
      () => {
        if (failed) failed.hidden = false;
      },
    );
  });
}
