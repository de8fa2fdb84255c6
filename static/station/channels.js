// Every channel there is: what the service worker sends when no page is open.

import { scans } from "../shared/scan/channel.js";

export const CHANNELS = [scans];
