// Starts `larsen-agent`: program.cjs beside this file, with the code that V8 made of it when it was built. Without that,
// or with what another Node or another build left there, V8 compiles the program anew: slower by a third, otherwise the same.

import { fileURLToPath } from 'node:url';
import { compileProgram, runProgram } from './code-cache.ts';

const file = fileURLToPath(new URL('program.cjs', import.meta.url));
runProgram(compileProgram(file), file);
