// Two versions of one sidecar, long enough that half of one is easily told. Without imports: a process that is started many
// times reads it.

const pages = Array.from({ length: 400 }, (_, index) => `    [${index + 1}] = "page ${index + 1}",\n`);

export const oldText = `return {\n${pages.join('')}    ["version"] = "old",\n}\n`;
export const newText = `return {\n${pages.slice(9).join('')}    ["version"] = "new",\n}\n`;
