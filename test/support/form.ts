// Builds forms with files (RFC 7578), whole or as strange as a test needs them.

export type FormFile = { field?: string; name: string; type?: string; bytes: Uint8Array };

const BOUNDARY = 'boundary-of-the-form';

/** A form of these fields and then this file, ready to be sent as it is. */
export const formOf = (
  file: FormFile | undefined,
  fields: Record<string, string> = {},
): { raw: Buffer; headers: Record<string, string> } => {
  const parts = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  if (file !== undefined) {
    const { field = 'file', name, type = 'application/octet-stream', bytes } = file;
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
    parts.push(Buffer.from(head), Buffer.from(bytes), Buffer.from('\r\n'));
  }
  return {
    raw: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  };
};
