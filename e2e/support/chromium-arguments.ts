// How the specs start Chromium.

/** Returns the switches beside Playwright's own: quiet on a closed network, and able to run as root in a container. */
export function chromiumArguments(): string[] {
  const quiet = ['--disable-quic', '--disable-gpu'];
  // Chromium's sandbox does not run as root.
  return process.getuid?.() === 0 ? [...quiet, '--no-sandbox', '--disable-dev-shm-usage'] : quiet;
}
