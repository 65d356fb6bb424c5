// The editor that Cloudscape's CodeEditor drives. It checks nothing by itself: findings come from Access Analyzer.
import ace from "ace-builds/src-noconflict/ace";
import "ace-builds/src-noconflict/mode-json";
import "ace-builds/src-noconflict/mode-text";
import "ace-builds/src-noconflict/theme-cloud_editor";
import "ace-builds/src-noconflict/theme-cloud_editor_dark";
import "ace-builds/src-noconflict/ext-language_tools";

ace.config.set("basePath", "/console/");
ace.config.setDefaultValue("session", "useWorker", false);
export default ace;
