// The program's version, from package.json: beside the source, or put in by the build.
import packageJson from '../../package.json' with { type: 'json' };

export const version: string = packageJson.version;
