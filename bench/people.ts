// What people cost a server, beside what they say: 1,000 who come within ten seconds, then 100 of them who write at once.
import { type Figures, run, server, tokenFor, Wire } from './measure.ts'
