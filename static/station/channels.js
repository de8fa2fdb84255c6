// Every channel there is: what the service worker sends when no page is open.

import { deliveries } from "../delivery/channel.js";
import { drivePhotos, drives } from "../moving/driver_channel.js";
import { scans } from "../shared/scan/channel.js";
import { washing } from "../shared/scan/records_channel.js";
import { stocktaking } from "../wares/channel.js";
import { asides } from "./aside_channel.js";

export const CHANNELS = [scans, asides, stocktaking, washing, drives, drivePhotos, deliveries];
