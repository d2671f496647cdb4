//! Old and variant forms of kanji and the form they are searched under.

use std::{collections::HashMap, sync::LazyLock};

/// Pairs of an old or variant form and the common one. Forms that NFKC already unifies (the compatibility
/// ideographs) are not listed.
///
/// The first block are the old forms (旧字体) of kanji in common use, the second other print forms and variants
/// met in titles and in names.
const PAIRS: &str = "
亞亜 惡悪 壓圧 圍囲 爲為 醫医 壹壱 稻稲 飮飲 隱隠 營営 榮栄 衞衛 驛駅 圓円 鹽塩 緣縁 艷艶 應応 歐欧 毆殴 櫻桜 奧奥 橫横 溫温
穩穏 假仮 價価 畫画 會会 繪絵 壞壊 懷懐 擴拡 殼殻 覺覚 學学 嶽岳 樂楽 勸勧 卷巻 寬寛 歡歓 罐缶 觀観 關関 陷陥 顏顔 巖巌 氣気
歸帰 旣既 龜亀 僞偽 戲戯 犧犠 卻却 舊旧 據拠 擧挙 虛虚 峽峡 挾挟 敎教 强強 狹狭 鄕郷 堯尭 曉暁 區区 驅駆 勳勲 薰薫 羣群 徑径
惠恵 攜携 溪渓 經経 繼継 莖茎 螢蛍 輕軽 鷄鶏 藝芸 擊撃 缺欠 儉倹 劍剣 圈圏 檢検 權権 獻献 縣県 硏研 險険 顯顕 驗験 嚴厳 效効
廣広 恆恒 鑛鉱 號号 國国 黑黒 歲歳 濟済 碎砕 齋斎 劑剤 册冊 雜雑 參参 慘惨 棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 實実
舍舎 寫写 釋釈 壽寿 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 緖緒 敍叙 將将 燒焼 稱称 證証 乘乗 剩剰 壤壌 孃嬢 條条 淨浄 疊畳 穰穣
讓譲 釀醸 囑嘱 觸触 寢寝 愼慎 眞真 晉晋 盡尽 圖図 粹粋 醉酔 隨随 髓髄 數数 樞枢 瀨瀬 聲声 靜静 齊斉 攝摂 竊窃 專専 戰戦 淺浅
潛潜 纖繊 踐践 錢銭 禪禅 雙双 壯壮 搜捜 插挿 巢巣 曾曽 瘦痩 爭争 窗窓 莊荘 總総 聰聡 裝装 騷騒 增増 臟臓 藏蔵 屬属 續続 墮堕
體体 對対 帶帯 滯滞 臺台 瀧滝 擇択 澤沢 單単 擔担 膽胆 團団 彈弾 斷断 癡痴 遲遅 晝昼 蟲虫 鑄鋳 廳庁 徵徴 聽聴 敕勅 鎭鎮 遞逓
鐵鉄 轉転 點点 傳伝 黨党 盜盗 燈灯 當当 鬪闘 德徳 獨独 讀読 屆届 繩縄 貳弐 惱悩 腦脳 霸覇 廢廃 拜拝 賣売 麥麦 發発 髮髪 拔抜
蠻蛮 祕秘 濱浜 甁瓶 拂払 佛仏 竝並 變変 邊辺 辨弁 瓣弁 辯弁 舖舗 穗穂 寶宝 襃褒 豐豊 沒没 飜翻 每毎 槇槙 萬万 滿満 麵麺 默黙
餠餅 彌弥 藥薬 譯訳 豫予 餘余 與与 譽誉 搖揺 樣様 謠謡 遙遥 來来 賴頼 亂乱 覽覧 龍竜 兩両 獵猟 綠緑 淚涙 壘塁 勵励 禮礼 隸隷
靈霊 齡齢 曆暦 歷歴 戀恋 鍊錬 爐炉 勞労 樓楼 郞郎 祿禄 錄録 亙亘 灣湾 瑤瑶 凜凛 倂併 卽即 內内 剝剥 吳呉 娛娯 墻牆 奬奨 姬姫
尙尚 屛屏 幷并 悅悦 戶戸 戾戻 揭掲 晚晩 查査 槪概 步歩 涉渉 淸清 渴渇 狀状 產産 稅税 絕絶 脫脱 說説 銳鋭 閱閲 靑青 黃黄
頰頬 塡填 喻喩 彥彦 皋皐 頹頽 顚顛 冰氷 壻婿 姊姉 牀床 獎奨 礦鉱 鄰隣 雞鶏 鬭闘 畧略 囘回 劵券 吿告 緜綿

蟬蝉 繫繋 摑掴 嚙噛 蠟蝋 瀆涜 囊嚢 禱祷 麴麹 蔣蒋 醬醤 姸妍 噓嘘 潑溌 鷗鴎 簞箪 繡繍 萊莱 蠅蝿 諫諌 讚讃 輛輌 頸頚 鶯鴬 驒騨
鹼鹸 攪撹 啞唖 濤涛 檮梼 籠篭 藪薮 檜桧 蘆芦 壺壷 竈竃 靱靭 昻昂 剎刹 蔥葱 豬猪 麪麺 廏厩 廐厩 廚厨 廁厠 幫幇 咒呪 喆哲 噐器
囬回 圀国 埀垂 夘卯 姙妊 寳宝 尅剋 峩峨 徃往 恠怪 慙慚 憇憩 斈学 朞期 栅柵 桺柳 棊棋 欝鬱 泪涙 凉涼 凾函 刄刃 卆卒 烟煙 燿耀
煕熙 礙碍 罸罰 羮羹 舩船 裡裏 覊羈 賎賤 迯逃 逹達 鑒鑑 鴈雁 駈駆 盃杯 秊年 畆畝 翆翠 頴穎 鎗槍 飃飄 渊淵 渕淵 溯遡 篡簒 稟禀
髙高 﨑崎 嵜崎 𠮷吉 𠮟叱 邉辺 濵浜 桒桑 舘館 埜野 冨富 峯峰 嶋島 嶌島 穐秋 槗橋 邨村 枡桝 萠萌 悳徳 鄉郷
";

static COMMON_FORMS: LazyLock<HashMap<char, char>> = LazyLock::new(|| pairs().collect());

fn pairs() -> impl Iterator<Item = (char, char)> {
    PAIRS.split_whitespace().filter_map(|pair| {
        let mut chars = pair.chars();
        Some((chars.next()?, chars.next()?))
    })
}

/// The form under which a kanji is searched: the common one for an old or variant form, itself otherwise.
pub(super) fn common_form(kanji: char) -> char {
    COMMON_FORMS.get(&kanji).copied().unwrap_or(kanji)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{common_form, pairs};

    #[test]
    fn every_pair_is_listed_once_and_leads_to_a_form_that_stays() {
        let mut seen = HashMap::new();
        for (old, new) in pairs() {
            assert_ne!(old, new);
            assert_eq!(seen.insert(old, new), None, "{old} is listed twice");
            assert_eq!(common_form(new), new, "{old} leads to {new}, which is itself folded");
        }
    }

    /// Against a table made by others, where it is there.
    #[test]
    fn no_old_form_of_a_common_kanji_is_missing() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/tables/joyokanji-kanji.json");
        let Ok(json) = std::fs::read_to_string(path) else {
            eprintln_absent(path);
            return;
        };
        let table: HashMap<String, String> = serde_json::from_str(&json).expect("the table is an object of strings");
        assert!(table.len() > 300, "the table has {} pairs only", table.len());
        for (old, new) in table {
            assert_eq!(super::super::folded(&old), super::super::folded(&new), "{old} and {new}");
        }
    }

    #[expect(clippy::print_stderr, reason = "a test that could not run says so")]
    fn eprintln_absent(path: &str) {
        eprintln!("not run: {path} is absent");
    }
}
